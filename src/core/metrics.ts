/** Named numbers, nested names joined with dots (`eval.accuracy`, `folds.0.loss`). May hold NaN and infinities. */
export type Metrics = Readonly<Record<string, number>>;
