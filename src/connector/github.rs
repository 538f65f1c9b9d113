//! GitHub: issues, labels, milestones and comments over its REST API.
