"""Options of how samples are made: never asked, for those who know why."""

from dfl_cli.options.kinds import Number, YesNo
from dfl_cli.options.option import Ask, Option, changed
from dfl_cli.translate import N_

CACHE_GB = Option(
    key="cache_gb",
    label=N_("Memory for prepared faces"),
    kind=Number(0.0),
    default=0.0,
    ask=Ask.NEVER,
    remembered=False,
    in_dfl=False,
    help=N_(
        "Gigabytes of main memory for caching the faces of both sets at the network's size, so that "
        "each file is read only once. 0 uses a quarter of the free memory; more helps only while the "
        "sets do not fit."
    ),
)

EXACT_CT = Option(
    key="exact_ct",
    label=N_("Exact idt and sot color transfer"),
    kind=YesNo(),
    default=False,
    ask=Ask.NEVER,
    in_dfl=False,
    help=N_(
        "Computes idt and sot color transfer from every pixel, as DeepFaceLab does, instead of from "
        "about a thousand. The difference is below one level of 255 on average; it takes 10 to 20 times "
        "as long."
    ),
)

CORRECTED_SAMPLES = Option(
    key="corrected_samples",
    label=N_("Corrected samples"),
    kind=YesNo(),
    default=lambda answers: not answers.get("is_saved", False),
    default_text=N_("y for a new model, n for one that was trained without it"),
    when=lambda answers: answers.get("is_saved", False) and not answers.get("corrected_samples", False),
    when_text=N_("the model was trained without it"),
    risky=changed,  # all faces move by half a pixel
    in_dfl=False,
    help=N_(
        "Warps faces without the half-pixel shift and the dark edge of DeepFaceLab's samples, and downscales images by "
        "averaging instead of dropping pixels. A model trained without it puts faces about a pixel beside their place, "
        "which merging measures and corrects; with y it learns the right place within about a thousand iterations. n "
        "repeats DeepFaceLab exactly."
    ),
)
