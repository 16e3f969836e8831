"""nbgrader's settings for this course: one copy, for `nbgrader_config.py` and for our own commands."""

from pathlib import Path

from traitlets.config import Config

from autograder import class_files
from autograder.lesson_regions import CODE_STUB

STAGES = ("source", "release", "submitted", "autograded", "feedback")


def database(folder: Path, address: str | None = None) -> str:
    """The gradebook's address: a server's, if one is given, else a SQLite file in the class's folder."""
    if address is None:
        return f"sqlite:///{folder / 'gradebook.db'}"
    scheme, _, rest = address.partition("://")
    return f"postgresql+psycopg://{rest}" if scheme in ("postgresql", "postgres") else address


def settings(folder: Path = class_files.FOLDER, gradebook: str | None = None, sandbox: str = "bubblewrap") -> Config:
    """nbgrader's configuration with this course's steps in it.

    folder: where the class's data are; gradebook: a database's address in place of the SQLite file there.
    """
    config = Config()
    config.CourseDirectory.root = str(folder)
    config.CourseDirectory.db_url = database(folder, gradebook)
    for stage in STAGES:
        setattr(config.CourseDirectory, f"{stage}_directory", stage)
    config.CourseStep.folder = str(folder)
    config.JudgeOutside.sandbox = sandbox
    config.ClearSolutions.code_stub = {"python": "\n".join(CODE_STUB)}
    config.Autograde.exporter_class = "autograder.nbgrader_steps.ForgivingExporter"
    config.Autograde.sanitize_preprocessors = [
        "autograder.nbgrader_steps.Repair",
        "nbgrader.preprocessors.ClearOutput",
        "nbgrader.preprocessors.DeduplicateIds",
        "nbgrader.preprocessors.OverwriteKernelspec",
        "nbgrader.preprocessors.OverwriteCells",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]
    config.Autograde.autograde_preprocessors = [
        "autograder.nbgrader_steps.JudgeOutside",
        "nbgrader.preprocessors.LimitOutput",
        "autograder.nbgrader_steps.SaveVerdicts",
        "autograder.late.LatePenalties",
    ]
    config.AssignLatePenalties.plugin_class = "autograder.late.PerDay"
    config.PerDay.folder = str(folder)
    config.GenerateFeedback.preprocessors = ["autograder.feedback.nbgrader_step.FeedbackStep"]
    config.GenerateFeedback.exporter_class = "autograder.feedback.nbgrader_step.FeedbackExporter"
    config.HTMLExporter.filters = {"markdown2html": "autograder.formgrader_text.markdown"}
    config.ExportApp.plugin_class = "autograder.exports.nbgrader_plugin.CsvExport"
    config.CsvExport.folder = str(folder)
    return config
