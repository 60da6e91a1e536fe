"""The clinic's desk: a browser's pages, for the staff who read, act and answer for the log.

A subject is a module with `add_pages(pages, office)`, named in `clinic.desk`. A page in it:

    @pages.get("/staff", may=May.ADMIN, menu="staff")
    def staff() -> tuple[str, int]:
        office.audit(Action.STAFF_VIEWED)
        return page("staff", people=...)

- `may`: whom it is for (`clinic.guard`). Without it the application does not start.
- `menu`: its entry in the menu, whose words are `menu.staff`.
- `visit()`: who asks, and at whose desk (`visit().place.clinic`).
- `office`: the database, the clock, and `audit(...)` for whatever the log must know of.
- `page("staff", ...)`: `templates/desk/staff.html`, which extends `desk/layout.html`.
- `words/en/staff.toml` and `words/es/staff.toml`: its words, `t("staff.title")` in a template.
- A form is posted, begins with `token()` of `desk/forms.html`, and is answered with a redirect
  (303); what was wrong in it, with the page again and 422.
"""
