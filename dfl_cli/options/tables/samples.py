"""Options of how samples are made: never asked, for those who know why."""

from dfl_cli.options.kinds import Number, YesNo
from dfl_cli.options.option import Ask, Option, changed

CACHE_GB = Option(
    key="cache_gb",
    label="Memory for prepared faces",
    kind=Number(0.0),
    default=0.0,
    ask=Ask.NEVER,
    remembered=False,
    in_dfl=False,
    help=(
        "Gigabytes of main memory in which faces of both sets are kept at the network's size, so that each file is "
        "read only once. 0 takes a quarter of what is free; more helps only while the sets do not fit."
    ),
)

EXACT_CT = Option(
    key="exact_ct",
    label="Exact idt and sot color transfer",
    kind=YesNo(),
    default=False,
    ask=Ask.NEVER,
    in_dfl=False,
    help=(
        "Finds the colours of idt and sot from every pixel, as DeepFaceLab does, instead of from about a thousand. "
        "The difference is below one level of 255 on average, the cost is 10 to 20 times the time."
    ),
)

CORRECTED_SAMPLES = Option(
    key="corrected_samples",
    label="Corrected samples",
    kind=YesNo(),
    default=False,
    ask=Ask.NEVER,
    risky=changed,  # all faces move by half a pixel
    in_dfl=False,
    help=(
        "Bends faces without the half pixel and the dark edge of DeepFaceLab's samples, and shrinks pictures by "
        "averaging instead of leaving pixels out. Decide before the first iteration; models from DeepFaceLab expect n."
    ),
)
