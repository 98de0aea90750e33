/** The `.mlops.yaml` of a new project: valid as it is, and all of it comments. */
export const PIPELINE_TEMPLATE = `# What this project's data goes through, and where it is kept. All of it: .mlops.example.yaml in the mlops package.
# An editor completes and checks this file after npm i -D mlops, with this as its first line:
# # yaml-language-server: $schema=node_modules/mlops/.mlops.schema.json
#
# remote: origin
# remotes:
#   origin: { url: "s3://bucket/prefix" }       # or a folder: { url: "/mnt/data/prefix" }
#
# stages:
#   prepare:
#     cmd: node src/prepare.js                  # runs again only when something below has changed
#     deps: [src/prepare.js, data/raw.csv]
#     params: [prepare.seed]                    # from params.yaml
#     outs: [data/clean.csv]                    # kept in the cache, out of Git
#   train:
#     train:                                    # built in: mlops train --help
#       data: { train: data/clean.csv }
#       target: label
#       model: { type: mlp }
#       out: models/model
#   evaluate:
#     cmd: node src/evaluate.js
#     deps: [src/evaluate.js, models/model, data/clean.csv]
#     metrics: [metrics.json]                   # numbers to compare: mlops metrics diff
#
# gates:
#   - { metric: "metrics.json:accuracy", min: 0.9 }
`;

/** The `.mlopsignore` of a new project. */
export const IGNORE_TEMPLATE = `# Files inside tracked folders that mlops leaves alone, in the syntax of .gitignore.
# *.tmp
# .DS_Store
`;
