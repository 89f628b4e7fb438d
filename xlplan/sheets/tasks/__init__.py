"""工作计划, 里程碑, 承诺: what the team does, by when, and how the plan's own numbers stand."""
