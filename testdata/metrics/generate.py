"""Curves, weighted metrics and a temperature by scikit-learn 1.9 and SciPy, for crates/woofer/tests/metrics_sklearn.rs.

Run in this folder, with numpy, scipy and scikit-learn:  python generate.py
The scores are stored with 17 digits, so that the reader has the same doubles. Integer weights stand for how often a
recording was drawn by the bootstrap.
"""
import json
import warnings

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, logsumexp
from sklearn import metrics as sk
from sklearn.calibration import calibration_curve

warnings.filterwarnings("ignore")
rng = np.random.default_rng(20261122)
n, k = 60, 4
labels = np.concatenate([np.arange(k), rng.choice(k, n - k, p=[0.1, 0.2, 0.3, 0.4])])
logits = rng.normal(0, 2.5, (n, k))
logits[np.arange(n), labels] += 2.0
scores = np.exp(log_softmax(logits, 1))
scores[::3] = np.round(scores[::3], 1) + 0.05  # ties
scores /= scores.sum(1, keepdims=True)
weights = rng.integers(0, 4, n)
hot = np.eye(k, dtype=int)[labels]
predicted = scores.argmax(1)

curves = []
for j in range(k):
    fpr, tpr, threshold = sk.roc_curve(hot[:, j], scores[:, j], drop_intermediate=False)
    precision, recall, pr_threshold = sk.precision_recall_curve(hot[:, j], scores[:, j])
    curves.append(dict(fpr=fpr.tolist(), tpr=tpr.tolist(), threshold=[None, *threshold[1:].tolist()],
                       precision=precision.tolist(), recall=recall.tolist(), pr_threshold=pr_threshold.tolist()))

top = scores.max(1)
truth = (predicted == labels).astype(int)
bins = 15
fraction, confidence = calibration_curve(truth, top, n_bins=bins)
edges = np.linspace(0, 1, bins + 1)
bin_of = np.searchsorted(edges[1:-1], top)
ece = lambda w: sum(abs(np.average(truth[bin_of == b], weights=w[bin_of == b])
                        - np.average(top[bin_of == b], weights=w[bin_of == b])) * w[bin_of == b].sum()
                    for b in range(bins) if w[bin_of == b].sum() > 0) / w.sum()

w = weights.astype(float)
auc = [sk.roc_auc_score(hot[:, j], scores[:, j], sample_weight=w) for j in range(k)]
share = [w[labels == j].sum() for j in range(k)]
weighted = dict(
    auc_per_class=auc, auc_macro=float(np.mean(auc)), auc_weighted=float(np.average(auc, weights=share)),
    ap_per_class=[sk.average_precision_score(hot[:, j], scores[:, j], sample_weight=w) for j in range(k)],
    f1_per_class=sk.f1_score(labels, predicted, average=None, sample_weight=w).tolist(),
    accuracy=sk.accuracy_score(labels, predicted, sample_weight=w),
    balanced_accuracy=sk.balanced_accuracy_score(labels, predicted, sample_weight=w),
    log_loss=sk.log_loss(labels, scores, sample_weight=w), calibration_error=ece(w))

loss = lambda t: float(np.mean(logsumexp(logits / t, 1) - logits[np.arange(n), labels] / t))
best = minimize_scalar(lambda u: loss(np.exp(u)), bounds=(np.log(0.05), np.log(100)), method="bounded",
                       options=dict(xatol=1e-12))

json.dump(dict(
    labels=labels.tolist(), logits=logits.tolist(), scores=scores.tolist(), weights=weights.tolist(), curves=curves,
    calibration=dict(bins=bins, fraction=fraction.tolist(), confidence=confidence.tolist(), error=ece(np.ones(n))),
    certain_log_loss=sk.log_loss([0, 1], [[0.0, 1.0], [0.0, 1.0]]),
    weighted=weighted, temperature=dict(temperature=float(np.exp(best.x)), log_loss=best.fun, log_loss_at_one=loss(1.0)),
), open("sklearn.json", "w"))
