"""Sphinx's settings for the course's site; `python website/make.py` calls Sphinx with them."""

project = "Attention, step by step"
author = "The course's authors"
copyright = "the course's authors. Text CC BY 4.0, code BSD-3-Clause"
html_title = project

extensions = ["myst_nb", "sphinx-mathjax-offline"]
myst_enable_extensions = ["dollarmath", "amsmath", "colon_fence"]
myst_heading_anchors = 3
suppress_warnings = ["mystnb.unknown_mime_type", "myst.header"]

nb_execution_mode = "off"  # make.py has run the lessons
nb_ipywidgets_js = {}  # they would come from another host; a progress bar is shown as text
nb_code_prompt_show = "Show {type}"
nb_code_prompt_hide = "Hide {type}"

html_theme = "furo"
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0b5394", "color-brand-content": "#0b5394", "color-brand-visited": "#5b3a8c"},
    "dark_css_variables": {"color-brand-primary": "#8ec5ff", "color-brand-content": "#8ec5ff", "color-brand-visited": "#c3a6ff"},
}
html_static_path = ["static"]
html_favicon = "static/icon.svg"
html_css_files = ["course.css"]
html_copy_source = False
html_show_sphinx = False
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"
