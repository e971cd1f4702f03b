"""What the help of an option must say, in both languages: facts that users of DeepFaceLab rely on."""

import pytest

from dfl_cli.classes.registry import trained_classes
from dfl_cli.classes.saehd import SAEHD
from dfl_cli.options.option import by_key
from dfl_cli.translate import set_language, tr
from models.spec import PRETRAINING

BY_KEY = by_key(SAEHD.table) | {"inter_dims": by_key(trained_classes()["AMP"].table)["inter_dims"]}

# key -> words in the English help, words in the Chinese one
FACTS = {
    "random_src_flip": (
        "angles, less natural",
        "角度，不太自然",
    ),
    "random_dst_flip": (
        "generalizes",
        "泛化",
    ),
    "batch_size": (
        "generalize, GPU memory",
        "泛化，显存",
    ),
    "resolution": (
        "GPU memory, time, 16, 32, -d, -t",
        "显存，时间，16，32，-d，-t",
    ),
    "face_type": (
        "\nh: , \nmf: , \nf: , \nwf: , \nhead: , cheeks, 30%, forehead, XSeg",
        "\nh：，\nmf：，\nhead：，脸颊，30%，额头，XSeg",
    ),
    "archi": (
        "\ndf: , \nliae: , face shapes, \n-u: more likeness, \n-d: twice the resolution, \n-t: , \n-c: ",
        "\ndf：，\nliae：，脸型，相似度，翻倍",
    ),
    "ae_dims": (
        "closed eyes, GPU memory",
        "全部信息，闭眼，显存",
    ),
    "inter_dims": (
        "equal to or more, GPU memory",
        "不小于，显存",
    ),
    "e_dims": (
        "facial features, sharper, GPU memory",
        "面部特征，清晰，显存",
    ),
    "d_dims": (
        "detail, sharper, GPU memory",
        "细节，清晰，显存",
    ),
    "d_mask_dims": (
        "a third, glasses, hair, by hand",
        "三分之一，眼镜，头发，手动",
    ),
    "masked_training": (
        "wf and head only, full-face mask, XSeg mask",
        "仅用于 wf 和 head，全脸遮罩，XSeg 遮罩",
    ),
    "eyes_mouth_prio": (
        "different directions, gaze is wrong, alien eyes, teeth",
        "朝向不一致，视线不对，外星人眼，牙齿",
    ),
    "uniform_yaw": (
        "Side faces, blurry, few",
        "侧脸，模糊，较少",
    ),
    "blur_out_mask": (
        "outside the mask, smooth, shows less, Both, XSeg",
        "外侧，平滑，不那么显眼，两套，XSeg",
    ),
    "models_opt_on_gpu": (
        "frees GPU memory, larger dimensions, longer",
        "腾出的显存，更大的维度，变慢",
    ),
    "adabelief": (
        "accurately, generalizes, more GPU memory",
        "准确，泛化，显存",
    ),
    "lr_dropout": (
        "\nn: off.\n, \ny: on.\n, \ncpu: , 20%, sharpness, before random warp, before GAN",
        "\nn：关闭。\n，\ny：开启。\n，\ncpu：，20%，清晰度",
    ),
    "random_warp": (
        "generalize expressions, sharper, jitter",
        "泛化表情，清晰度，抖动",
    ),
    "random_hsv_power": (
        "src input of the network only, lowers, color transfer, varied, 0.05",
        "只作用于网络的 SRC 输入，降低，色彩转换，丰富，0.05",
    ),
    "gan_power": (
        "at the very end, lr_dropout on, random_warp off, artifacts, backup, 0.1",
        "最后阶段，lr_dropout 开启，random_warp 关闭，瑕疵，备份，0.1",
    ),
    "gan_patch_size": (
        "better quality, GPU memory, sharpens edges, an eighth",
        "质量越好，显存，更锐利，八分之一",
    ),
    "gan_dims": (
        "GPU memory, sharpen edges, 16",
        "显存，更锐利，16",
    ),
    "true_face_power": (
        "df only, more like src, 0.001 and 0.01",
        "仅用于 df，更像 SRC，0.001 和 0.01",
    ),
    "face_style_power": (
        "color and light, wf needs, XSeg, clear enough, 10,000, 0.001, small steps, preview history, collapse, backup",
        "颜色和光线，wf 需要，XSeg，足够清晰，1 万次，0.001，小步，预览历史，崩坏，备份",
    ),
    "bg_style_power": (
        "outside the mask, wf needs, XSeg, clear enough, small steps, preview history, more like dst, collapse, backup, 2.0",
        "遮罩外，wf 需要，XSeg，足够清晰，小步，预览历史，更像 DST，崩坏，备份，2.0",
    ),
    "ct_mode": (
        "Try all modes",
        "尝试所有模式",
    ),
    "clipgrad": (
        "collapse, speed",
        "崩坏，速度",
    ),
}


@pytest.mark.parametrize("key", FACTS)
def test_no_fact_of_a_help_is_lost_in_either_language(key):
    english, chinese = FACTS[key]
    assert [fact for fact in english.split(", ") if fact not in BY_KEY[key].help] == []
    set_language("zh")
    assert [fact for fact in chinese.split("，") if fact not in tr(BY_KEY[key].help)] == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_help_of_pretraining_lists_every_value_it_forces(language):
    set_language(language)
    text = tr(BY_KEY["pretrain"].help)
    for key, value in PRETRAINING.items():
        shown = BY_KEY[key].kind.show(value).removesuffix(".0")
        assert f"{key} {shown}" in text
