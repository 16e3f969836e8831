"""The same page from `nbgrader generate_feedback` and from formgrader's button.

`GenerateFeedback` has its exporter in a trait, `exporter_class`. A template would not do: formgrader sets the exporter's
`extra_template_basedirs` to its own folder, and the feedback template it then finds prints the hidden tests.
"""

from nbconvert.exporters import Exporter
from nbformat.v4 import new_notebook
from nbgrader.api import Gradebook

from autograder.feedback import gradebook_scores, page, page_without_record
from autograder.nbgrader_steps import CourseStep

PAGE = "attention_course_feedback"


class FeedbackStep(CourseStep):
    """Puts the student's page among the resources and empties the notebook, so that no other exporter can print it."""

    def preprocess(self, notebook, resources):
        about, record = resources["nbgrader"], self.record(resources)
        if record is None:
            resources[PAGE] = page_without_record(about["student"], about["assignment"])
        else:
            with Gradebook(about["db_url"]) as gradebook:
                resources[PAGE] = page(record, gradebook_scores(gradebook, about["student"], about["assignment"]))
        return new_notebook(), resources


class FeedbackExporter(Exporter):
    """Writes the page that `FeedbackStep` made. Without that step it fails, and writes nothing of the notebook."""

    output_mimetype = "text/html"

    def _file_extension_default(self) -> str:
        return ".html"

    def from_notebook_node(self, notebook, resources=None, **keywords):
        _, resources = super().from_notebook_node(notebook, resources, **keywords)
        if PAGE not in resources:
            raise ValueError("FeedbackExporter needs FeedbackStep among GenerateFeedback.preprocessors.")
        return resources[PAGE], resources
