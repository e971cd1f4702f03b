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
        "Limits learning to the masked face instead of the whole square, so the network does not waste effort on the "
        "background. Keep on; turn off only to learn the hair or background edges too."
    ),
)

EYES_MOUTH_PRIO = Option(
    key="eyes_mouth_prio",
    label=N_("Eyes and mouth priority"),
    kind=YesNo(),
    default=False,
    help=N_(
        "Weights errors in the eyes and mouth much higher. Turn it on when gaze or teeth look wrong and off again "
        "once they are fixed; slightly slower."
    ),
)

UNIFORM_YAW = Option(
    key="uniform_yaw",
    label=N_("Uniform yaw distribution of samples"),
    kind=YesNo(),
    default=False,
    help=N_(
        "Feeds all head directions equally often, however few profile pictures there are. Turn on when "
        "side views stay blurry; makes start-up a little longer."
    ),
)

BLUR_OUT_MASK = Option(
    key="blur_out_mask",
    label=N_("Blur out mask"),
    kind=YesNo(),
    default=False,
    risky=changed,  # the pictures to be learned are others
    help=N_(
        "Smooths what lies just outside the mask in the training samples so that the border shows less after merging."
        " Needs clean XSeg masks on both facesets."
    ),
)

MODELS_OPT_ON_GPU = Option(
    key="models_opt_on_gpu",
    label=N_("Place models and optimizer on GPU"),
    kind=YesNo(),
    default=True,
    help=N_(
        "Keeps weights and optimizer state in video memory, which is fastest. Turn off to free memory "
        "for a larger model at the price of slower steps."
    ),
)

ADABELIEF = Option(
    key="adabelief",
    label=N_("Use AdaBelief optimizer?"),
    kind=YesNo(),
    default=True,
    risky=changed,  # the optimizer forgets what it knows of every weight
    help=N_(
        "AdaBelief learns more accurately but stores twice the optimizer state of RMSprop, so it needs more memory. "
        "Recommended; changing it later resets the optimizer state."
    ),
)

LR_DROPOUT = Option(
    key="lr_dropout",
    label=N_("Use learning rate dropout"),
    kind=Choice(("n", "y", "cpu")),
    default="n",
    risky=changed,  # the learning rate begins to swing, or stops
    help=N_(
        "Updates only a random 30% of the weights per step and lets the learning rate swing, which brings extra "
        "sharpness late in training. Turn on when the face is well trained, before switching random warp off and "
        "before GAN; cpu saves memory and costs about a fifth more time."
    ),
)

RANDOM_WARP = Option(
    key="random_warp",
    label=N_("Enable random warp of samples"),
    kind=YesNo(),
    default=True,
    risky=changed,  # off too early, faces of src no longer follow dst
    help=N_(
        "Distorts the input faces so both people's expressions are learned in a shared way; needed for most of the "
        "training. Turn off at the end to gain sharpness and reduce trembling."
    ),
)

RANDOM_HSV_POWER = Option(
    key="random_hsv_power",
    label=N_("Random hue/saturation/light intensity"),
    kind=Number(0.0, 0.3),
    default=0.0,
    risky=raised,  # inputs the model has never seen
    help=N_(
        "Varies color and brightness of the source inputs at random, which steadies the color of the "
        "result under changing light. Needs a varied source set; typical 0.05, 0 is off."
    ),
)

CT_MODE = Option(
    key="ct_mode",
    label=N_("Color transfer for src faceset"),
    kind=Choice(("none", "rct", "lct", "mkl", "idt", "sot")),
    default="none",
    risky=changed,  # src faces get other colors
    help=N_(
        "Recolors every source sample after a random target sample before training, so skin tones "
        "match. rct or lct are good first tries; costs some processor time."
    ),
)

CLIPGRAD = Option(
    key="clipgrad",
    label=N_("Enable gradient clipping"),
    kind=YesNo(),
    default=False,
    help=N_(
        "Limits the size of one training step so a bad batch cannot destroy the model. Turn on with style options or "
        "after a collapse; slightly slower."
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
        "Trains on a large collection of mixed faces instead of your two sets, so that later swaps "
        "start from a head start. Several options are overridden meanwhile; switching it off resets the "
        "iteration count and the identity blocks."
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
    kind=Choice(("float32", "bfloat16", "float16", "auto")),
    default="float32",
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
