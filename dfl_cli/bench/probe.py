"""A few steps of a model, in a process of its own: `python -m dfl_cli.bench.probe JOB` prints one JSON object.

`dfl train` starts it before it begins (`dfl_cli.train.costs.probe`); JOB is the JSON object that is made there.
"""

import json
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from dfl_cli.bench.step import measure
from dfl_cli.devices import Gpu


def main(job: Mapping) -> dict:
    """ms_per_iteration, precision, and peak_memory_mb (millions of bytes, None if not known); or out_of_memory."""
    with suppress(OSError):  # Linux: should the computer's memory run out, this process is the one to end
        Path("/proc/self/oom_score_adj").write_text("1000")
    devices = [Gpu(**one) for one in job["devices"]]
    try:
        found = measure(
            job["options"],
            model_class=job["model_class"],
            devices=devices,
            iterations=job["iterations"],
            ceiling=False,
        )
    except MemoryError as error:
        return {"out_of_memory": str(error) or type(error).__name__}
    return {
        "ms_per_iteration": found["ms_per_iteration"]["median"],
        "precision": found["precision"],
        "peak_memory_mb": found["peak_memory_mb"],
    }


if __name__ == "__main__":
    print(json.dumps(main(json.loads(sys.argv[1]))), flush=True)
