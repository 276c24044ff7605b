# Fits BG/NBD or Pareto/NBD to the rows x,t_x,T of a file with scipy, a row a customer as the library lifetimes does, and, for
# comparison, over distinct histories with their counts. Needs numpy and scipy only (Debian: python3-scipy). Prints JSON.
import json
import sys
import time

import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln, hyp2f1, psi

model, rows = sys.argv[1], sys.argv[2]
data = np.loadtxt(rows, delimiter=",", ndmin=2)
unit = data[:, 2].mean()  # as lifetimes scales time
data[:, 1:] /= unit


def bgnbd(theta, x, tx, T, w, gradient):
    r, alpha, a, b = np.exp(theta)
    la, ll = np.log(alpha + T), np.log(alpha + tx)
    a1 = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    a2 = gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x)
    a3 = -(r + x) * la
    more = x > 0
    a4 = np.where(more, np.log(a) - np.log(b + np.maximum(x, 1) - 1) - (r + x) * ll, -np.inf)
    both = np.logaddexp(a3, a4)
    value = -np.dot(w, a1 + a2 + both)
    if not gradient:
        return value
    q4 = np.exp(a4 - both)
    q3 = 1 - q4
    ab, abx = psi(a + b), psi(a + b + x)
    g = np.array([
        np.dot(w, psi(r + x) - psi(r) + np.log(alpha) - q3 * la - q4 * ll),
        np.dot(w, r / alpha - (r + x) * (q3 / (alpha + T) + q4 / (alpha + tx))),
        np.dot(w, ab - abx + q4 / a),
        np.dot(w, ab - abx + psi(b + x) - psi(b) - q4 / np.where(more, b + x - 1, 1)),
    ])
    return value, -g * np.exp(theta)


def pareto(theta, x, tx, T, w, gradient):
    r, alpha, s, beta = np.exp(theta)
    m, d = max(alpha, beta), abs(alpha - beta)
    k = r + s + x
    c = s + 1 if alpha >= beta else r + x
    first = np.log(hyp2f1(k, c, k + 1, d / (m + tx))) - k * np.log(m + tx)
    last = np.log(hyp2f1(k, c, k + 1, d / (m + T))) - k * np.log(m + T)
    a0 = first + np.log(-np.expm1(np.minimum(last - first, -1e-300)))
    alive = -(r + x) * np.log(alpha + T) - s * np.log(beta + T)
    both = np.logaddexp(alive, np.log(s / k) + a0)
    value = -np.dot(w, gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta) + both)
    return value if np.isfinite(value) else 1e30


function = {"bgnbd": bgnbd, "pareto-nbd": pareto}[model]
distinct, counts = np.unique(data, axis=0, return_counts=True)
scale = data[:, 0].sum() * np.log(unit)  # the likelihood in the file's unit of time
out = []


def fit(name, rows, weights, method, gradient):
    x, tx, T = rows.T
    start, cpu = time.time(), time.process_time()
    n = weights.sum()

    def mean(theta):
        v = function(theta, x, tx, T, weights, gradient)
        return (v[0] / n, v[1] / n) if gradient else v / n

    options = {"maxiter": 5000, "maxfev": 5000, "xatol": 1e-6, "fatol": 1e-10} if method == "Nelder-Mead" else {"gtol": 1e-7}
    found = minimize(mean, np.full(4, -0.5), method=method, jac=gradient, options=options)
    out.append({"method": name, "customers": float(n), "distinct": len(rows), "fit_seconds": time.time() - start, "cpu_seconds": time.process_time() - cpu, "passes": int(found.nfev),
                "parameters": list(np.exp(found.x)), "log_likelihood": float(-found.fun * n - scale)})


ones = np.ones(len(data))
fit("scipy Nelder–Mead", data, ones, "Nelder-Mead", False)
if model == "bgnbd":
    fit("scipy BFGS with gradient", data, ones, "BFGS", True)
fit("scipy Nelder–Mead over distinct histories", distinct, counts.astype(float), "Nelder-Mead", False)
if model == "bgnbd":
    fit("scipy BFGS with gradient over distinct histories", distinct, counts.astype(float), "BFGS", True)
json.dump(out, sys.stdout)
