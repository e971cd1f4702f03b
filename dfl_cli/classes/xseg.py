"""XSeg as DeepFaceLab keeps it: its models can be imported and exported."""

from dataclasses import replace

from dfl_cli.classes.model_class import ModelClass
from dfl_cli.options.kinds import Integer
from dfl_cli.options.tables.learning import PRETRAIN
from dfl_cli.options.tables.run import AUTOBACKUP_HOUR, BATCH_SIZE, TARGET_ITER, WRITE_PREVIEW_HISTORY
from dfl_cli.options.tables.structure import FACE_TYPE
from models.classes.xseg import XSEG as NETWORK

XSEG = ModelClass(
    network=NETWORK,
    table=(
        AUTOBACKUP_HOUR,
        WRITE_PREVIEW_HISTORY,
        TARGET_ITER,
        replace(BATCH_SIZE, kind=Integer(2, 16), default=4),
        replace(FACE_TYPE, default="wf"),
        PRETRAIN,
    ),
    dfl_user_names=False,
)
