"""Options of what is learned and how: masks, samples, optimizer, pretraining."""

from collections.abc import Mapping

from dfl_cli.options.kinds import Choice, Integer, Number, YesNo
from dfl_cli.options.option import Ask, Option, changed, raised
from dfl_cli.translate import N_, tr


def lacks_faces(pretrain: bool, answers: Mapping) -> str | None:
    """Training in pretraining mode needs the folder of faces; where nothing is trained the fact is not given."""
    if pretrain and not answers.get("pretraining", True):
        return tr("Pretraining needs a folder of faces: start with --pretraining DIR, or answer n.")
    return None


MASKED_TRAINING = Option(
    key="masked_training",
    label=N_("Masked training"),
    kind=YesNo(),
    default=True,
    when=lambda answers: answers["face_type"] in ("wf", "head"),
    when_text=N_("face_type is wf or head"),
    risky=changed,  # another part of the picture is learned: the loss jumps
    help=N_(
        "For wf and head only. Limits training to the full-face mask, or to the XSeg mask where a face has "
        "one, so that no effort goes into the background. Keep it on; turn it off only to learn hair or "
        "background edges too."
    ),
)

EYES_MOUTH_PRIO = Option(
    key="eyes_mouth_prio",
    label=N_("Eyes and mouth priority"),
    kind=YesNo(),
    default=False,
    help=N_(
        "Weights errors in the eyes and mouth much higher. Turn it on when the eyes look in different "
        'directions or the gaze is wrong ("alien eyes"), or for more detail in the teeth. Turn it off again '
        "once they are right. Slightly slower."
    ),
)

UNIFORM_YAW = Option(
    key="uniform_yaw",
    label=N_("Uniform yaw distribution of samples"),
    kind=YesNo(),
    default=False,
    help=N_(
        "Trains all head directions equally often. Side faces are often blurry because there are few of them "
        "in the faceset: turn it on then. Start-up takes a little longer."
    ),
)

BLUR_OUT_MASK = Option(
    key="blur_out_mask",
    label=N_("Blur out mask"),
    kind=YesNo(),
    default=False,
    risky=changed,  # the pictures to be learned are others
    help=N_(
        "Blurs what lies just outside the mask in the training samples. The background next to the face "
        "becomes smooth, so that it shows less after the swap. Both facesets need exact XSeg masks."
    ),
)

MODELS_OPT_ON_GPU = Option(
    key="models_opt_on_gpu",
    label=N_("Place models and optimizer on GPU"),
    kind=YesNo(),
    default=True,
    help=N_(
        "Keeps the weights of the networks and the state of the optimizer in GPU memory, which is fastest. "
        "Turn it off to keep them in main memory: that frees GPU memory for larger dimensions, but every "
        "iteration takes longer."
    ),
)

ADABELIEF = Option(
    key="adabelief",
    label=N_("Use AdaBelief optimizer?"),
    kind=YesNo(),
    default=True,
    risky=changed,  # the optimizer forgets what it knows of every weight
    help=N_(
        "AdaBelief instead of RMSprop. The model learns more accurately and generalizes better. It stores "
        "twice the optimizer state, so it needs more GPU memory. Recommended; changing it later resets the "
        "optimizer state."
    ),
)

LR_DROPOUT = Option(
    key="lr_dropout",
    label=N_("Use learning rate dropout"),
    kind=Choice(("n", "y", "cpu")),
    default="n",
    risky=changed,  # the learning rate begins to swing, or stops
    help=N_(
        "Updates only a random 30% of the weights per iteration and lets the learning rate swing. Gives extra "
        "sharpness and less jitter in fewer iterations. Turn it on when the face is trained well, before "
        "random warp goes off and before GAN.\n"
        "n: off.\n"
        "y: on.\n"
        "cpu: on, computed on the CPU. Saves GPU memory, costs about 20% more time."
    ),
)

RANDOM_WARP = Option(
    key="random_warp",
    label=N_("Enable random warp of samples"),
    kind=YesNo(),
    default=True,
    risky=changed,  # off too early, faces of src no longer follow dst
    help=N_(
        "Distorts the input faces at random. Only with it does the model generalize expressions from one face "
        "to the other, so keep it on for most of the training. Turn it off when the faces are trained well: "
        "they become sharper and jitter less within few iterations."
    ),
)

RANDOM_HSV_POWER = Option(
    key="random_hsv_power",
    label=N_("Random hue/saturation/light intensity"),
    kind=Number(0.0, 0.3),
    default=0.0,
    risky=raised,  # inputs the model has never seen
    help=N_(
        "Varies hue, saturation and brightness at random, in the src input of the network only. Keeps the "
        "color of the result stable when the light changes. It lowers the quality of color transfer, so the "
        "src faceset must be varied. Typical 0.05; 0 is off."
    ),
)

CT_MODE = Option(
    key="ct_mode",
    label=N_("Color transfer for src faceset"),
    kind=Choice(("none", "rct", "lct", "mkl", "idt", "sot")),
    default="none",
    risky=changed,  # src faces get other colors
    help=N_(
        "Gives every src sample the colors of a random dst sample before training, so that skin tones match. "
        "Try all modes to find the best one; rct and lct are good first tries. Costs some CPU time."
    ),
)

CLIPGRAD = Option(
    key="clipgrad",
    label=N_("Enable gradient clipping"),
    kind=YesNo(),
    default=False,
    help=N_(
        "Limits the size of one training step, which lowers the chance that the model collapses. Costs some "
        "speed. Turn it on with style powers or after a collapse."
    ),
)

TRAIN_INTERS = Option(
    key="train_inters",
    label=N_("Train the inter blocks"),
    kind=YesNo(),
    default=False,
    risky=changed,  # blocks that stood still begin to move
    in_dfl=False,
    help=N_(
        "Lets the two identity blocks of AMP learn like the rest of the network. With n they keep their "
        "random initial values, as in DeepFaceLab; this learned faster in our comparison and needs less "
        "optimizer memory."
    ),
)

PRETRAIN = Option(
    key="pretrain",
    label=N_("Enable pretraining mode"),
    kind=YesNo(),
    default=False,
    reject=lacks_faces,
    risky=changed,  # off initializes the inter blocks again and counts from 0; on overwrites both people
    help=N_(
        "Trains on many faces of different people (--pretraining) instead of src and dst. Later swaps then "
        "train faster. Meanwhile these values are forced:\n"
        "random_src_flip y, random_dst_flip y, uniform_yaw y.\n"
        "random_warp n, lr_dropout n, ct_mode none.\n"
        "random_hsv_power 0, gan_power 0, true_face_power 0, face_style_power 0, bg_style_power 0.\n"
        "Turning it off resets the iteration to 0 and initializes the identity blocks again."
    ),
)

EMA = Option(
    key="ema",
    label=N_("Moving average of the weights"),
    kind=Choice(("off", "0.999", "0.9999")),
    default="off",
    ask=Ask.NEVER,
    in_dfl=False,
    help=N_(
        "Keeps a second copy of the weights that follows the trained ones slowly; previews, merging and "
        "export-dfm use it, so results vary less from one save to the next. Costs the memory of the "
        "network's weights once more and a few percent of time. 0.999 averages over about a thousand "
        "iterations, 0.9999 over ten thousand; turn it on when the face is well trained. Training "
        "itself, export-dfl and --init-from use the trained weights."
    ),
)

PRECISION = Option(
    key="precision",
    label=N_("Precision"),
    kind=Choice(("auto", "float32", "bfloat16", "float16")),
    default="auto",
    ask=Ask.NEVER,
    in_dfl=False,
    help=N_(
        "Number format the network computes in while it trains; weights and losses are float32 with each. bfloat16 "
        "takes about two thirds of the time where the hardware computes it, and less memory. float16 is for cards "
        "without bfloat16. auto takes bfloat16 where it is at least 1.3 times as fast, as tried at the start."
    ),
)

ACCUMULATE_STEPS = Option(
    key="accumulate_steps",
    label=N_("Batches per iteration"),
    kind=Integer(1, 64),
    default=1,
    ask=Ask.NEVER,
    in_dfl=False,
    listed_at_default=False,
    help=N_(
        "Gradient accumulation: an iteration learns from batch_size x this many faces and needs little more memory than "
        "batch_size does. The batches go through the network one after the other, then the weights are updated once, as "
        "with one large batch; an iteration takes this many times as long."
    ),
)

GRADIENT_CHECKPOINTING = Option(
    key="gradient_checkpointing",
    label=N_("Gradient checkpointing"),
    kind=YesNo(),
    default=False,
    ask=Ask.NEVER,
    in_dfl=False,
    listed_at_default=False,
    help=N_(
        "Keeps only some results of the network for the backward pass and computes the others again. Needs much less "
        "memory for each face, learns the same, and takes about a third more time. Turn it on when a model or batch does "
        "not fit."
    ),
)
