"""The course's pictures, in one style that reads on light and dark pages, from the last row and without colour vision.

Every function draws into `panel`, an axes of yours, or makes a figure of its own, which the notebook then shows.
All return None, so that a cell may end with the call. Numbers may be arrays, lists or tensors.

    plots.heatmap(weights, words, words, title="Who looks at whom")
"""

from attention_course.plots.bar_charts import bars
from attention_course.plots.heat_maps import heatmap, heatmaps
from attention_course.plots.image_maps import overlay, overlays
from attention_course.plots.line_charts import lines
from attention_course.plots.link_maps import links

__all__ = ["bars", "heatmap", "heatmaps", "lines", "links", "overlay", "overlays"]
