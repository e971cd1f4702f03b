"""Commands that work as they are typed in a workspace, for the help; `prog` of a parser -> (command, what it does)."""

from dfl_cli.translate import N_

EXAMPLES = {
    "dfl": (
        ("dfl demo", N_("everything, on two drawn people")),
        ("dfl swap a.mp4 b.mp4 --output c.mp4", N_("from two videos to one")),
        ("dfl extract src", N_("step by step: the faces of data_src.mp4")),
        ("dfl extract dst", N_("the faces of data_dst.mp4")),
        ("dfl train", N_("train a model on them")),
        ("dfl merge", N_("put the learned face into data_dst")),
    ),
    "dfl demo": (
        ("dfl demo", N_("from drawn faces, a few minutes")),
        ("dfl demo --from-video", N_("from drawn videos")),
    ),
    "dfl swap": (
        ("dfl swap src.mp4 dst.mp4 --output out.mp4", N_("src's face in dst; run it again to go on")),
        ("dfl swap src.mp4 dst.mp4 --output out.mp4 --dry-run", N_("what it would do, without doing it")),
        ("dfl swap src.mp4 dst.mp4 --output out.mp4 --time 8h", N_("train for eight hours")),
    ),
    "dfl extract": (
        ("dfl extract src", N_("the faces of data_src, asking for the settings")),
        ("dfl extract dst --silent-start", N_("those of data_dst, without questions")),
        ("dfl extract --input clip.mp4 --output faces", N_("any video into any folder")),
    ),
    "dfl extract review": (
        ("dfl extract review src", N_("what was found in data_src")),
        ("dfl extract review --output faces", N_("an extraction outside a workspace")),
    ),
    "dfl train": (
        ("dfl train", N_("name a model, answer the questions")),
        ("dfl train --name ab --silent-start", N_("go on with a model without questions")),
        ("dfl train --plan", N_("what it would cost, without training")),
        ("dfl train --model Quick96", N_("a quick first try")),
    ),
    "dfl xseg": (
        ("dfl xseg edit dst", N_("label faces")),
        ("dfl xseg train", N_("train on the labels")),
        ("dfl xseg apply dst", N_("paint the masks of all faces")),
    ),
    "dfl xseg edit": (
        ("dfl xseg edit dst", N_("the faces of data_dst")),
        ("dfl xseg edit data_src/aligned --order suggested", N_("first those worth labeling")),
    ),
    "dfl xseg suggest": (("dfl xseg suggest dst", N_("twenty faces of data_dst")),),
    "dfl xseg train": (
        ("dfl xseg train", N_("on the labels of both sides")),
        ("dfl xseg train --silent-start", N_("go on without questions")),
    ),
    "dfl xseg apply": (
        ("dfl xseg apply dst", N_("with the model trained last")),
        ("dfl xseg apply dst --generic", N_("without a model of your own")),
        ("dfl xseg apply dst --undo", N_("take the masks back")),
    ),
    "dfl xseg remove": (("dfl xseg remove dst", N_("the masks of data_dst")),),
    "dfl xseg remove-labels": (("dfl xseg remove-labels dst", N_("the labels of data_dst")),),
    "dfl xseg fetch": (("dfl xseg fetch dst", N_("the labeled faces of data_dst")),),
    "dfl xseg export-labels": (
        ("dfl xseg export-labels dst --output labels", N_("a file of labelme for each face")),
        ("dfl xseg export-labels dst --format coco --output labels.json", N_("one file for all")),
    ),
    "dfl xseg import-labels": (
        ("dfl xseg import-labels dst --from labels", N_("from labelme's files")),
        ("dfl xseg import-labels dst --undo", N_("as it was before")),
    ),
    "dfl merge": (
        ("dfl merge", N_("choose the settings while watching")),
        ("dfl merge --batch", N_("with default settings, without questions")),
        ("dfl merge --video data_dst.mp4 --output result.mp4", N_("from video to video")),
    ),
    "dfl evaluate": (
        ("dfl evaluate", N_("the model saved last")),
        ("dfl evaluate --html report.html", N_("with curves and the worst frames")),
    ),
    "dfl compare": (
        ("dfl compare ab cd", N_("two models")),
        ("dfl compare ab@100000 ab", N_("an earlier save with the newest")),
    ),
    "dfl model": (
        ("dfl model list", N_("the models of the workspace")),
        ("dfl model info ab", N_("options and state of one")),
        ("dfl model backup ab", N_("keep the newest save")),
        ("dfl model export-dfm ab", N_("for live programs")),
    ),
    "dfl model restore": (
        ("dfl model restore ab", N_("the newest backup")),
        ("dfl model restore ab --from 03", N_("an older one")),
    ),
    "dfl model trash": (
        ("dfl model trash", N_("what is in it")),
        ("dfl model trash --bring-back ab", N_("a deleted model comes back")),
    ),
    "dfl model import-dfl": (("dfl model import-dfl model --name ab", N_("from a DeepFaceLab workspace")),),
    "dfl model timelapse": (("dfl model timelapse ab --output ab.mp4", N_("the preview history as a video")),),
    "dfl faceset": (
        ("dfl faceset info src", N_("what is in the faces of data_src")),
        ("dfl faceset coverage src dst", N_("what src lacks for dst")),
        ("dfl faceset sort dst --by blur", N_("sharpest first")),
        ("dfl faceset clean dst", N_("what should be removed")),
    ),
    "dfl faceset sort": (
        ("dfl faceset sort dst --by blur", N_("sharpest first")),
        ("dfl faceset sort dst --by final", N_("keep the best faces of every direction")),
        ("dfl faceset sort dst --undo", N_("the names from before")),
    ),
    "dfl faceset resize": (("dfl faceset resize src --size 512", N_("copies of 512 pixels in aligned_512")),),
    "dfl faceset enhance": (
        ("dfl faceset enhance src --network restorer.onnx", N_("sharper copies in aligned_enhanced")),
    ),
    "dfl faceset pack": (("dfl faceset pack src", N_("the faces of data_src into one file")),),
    "dfl faceset coverage": (
        ("dfl faceset coverage src dst", N_("what src lacks for dst")),
        ("dfl faceset coverage src dst --plot coverage.png", N_("as a chart, too")),
    ),
    "dfl doctor": (("dfl doctor", N_("what is fine and what to do about the rest")),),
    "dfl video": (
        ("dfl video extract data_dst.mp4 --output data_dst", N_("a video as frames")),
        ("dfl video join data_dst/merged --output-video out.mp4 --reference data_dst.mp4", N_("frames as a video")),
        ("dfl video cut data_dst.mp4 --from-time 0:10 --to-time 0:20", N_("ten seconds of it")),
        ("dfl video denoise data_dst", N_("calmer copies of the frames")),
    ),
    "dfl video extract": (("dfl video extract data_dst.mp4 --output data_dst", N_("a video as frames")),),
    "dfl video join": (
        ("dfl video join data_dst/merged --output-video out.mp4 --reference data_dst.mp4", N_("frames as a video")),
    ),
    "dfl video cut": (("dfl video cut data_dst.mp4 --from-time 0:10 --to-time 0:20", N_("ten seconds of it")),),
    "dfl video denoise": (
        ("dfl video denoise data_dst", N_("calmer copies of the frames")),
        ("dfl video denoise data_dst --factor 3", N_("calmed only a little")),
    ),
    "dfl verify": (("dfl verify result.mp4", N_("where it says it comes from")),),
    "dfl bench": (
        ("dfl bench step", N_("the speed of training")),
        ("dfl bench extract", N_("the speed of extracting faces")),
    ),
    "dfl completion": (
        ('eval "$(dfl completion bash)"', N_("in ~/.bashrc")),
        ('eval "$(dfl completion zsh)"', N_("in ~/.zshrc, after compinit")),
        ("dfl completion fish | source", N_("in ~/.config/fish/config.fish")),
        ("dfl completion powershell | Out-String | Invoke-Expression", N_("in the file $PROFILE")),
    ),
}
