# Writes reference.json: what R's package survival answers about spells.csv, for what the published oracles lack.
# Each name in it is a call below. Made with R 4.2.2, survival 3.5-3:  Rscript reference.R
library(survival)

set.seed(7)
n <- 60
d <- data.frame(start = sample(0:6, n, TRUE))
d$stop <- d$start + sample(1:12, n, TRUE)
d$event <- rbinom(n, 1, 0.6)
d$x <- round(rnorm(n), 2)
d$z <- rbinom(n, 1, 0.4)
d$group <- sample(1:3, n, TRUE)
d$stratum <- sample(1:2, n, TRUE)
d$cluster <- sample(1:15, n, TRUE)
d$count <- sample(1:3, n, TRUE)
d$weight <- round(runif(n, 0.3, 3), 2)
d[] <- lapply(d, as.numeric)
write.csv(d, "spells.csv", row.names = FALSE)

text <- function(x) {
  if (is.list(x)) return(paste0("{", paste0('"', names(x), '": ', sapply(x, text), collapse = ",\n"), "}"))
  x <- ifelse(is.finite(x), formatC(x, digits = 12, format = "g"), "null")
  if (length(x) == 1) x else paste0("[", paste(x, collapse = ", "), "]")
}
curve <- function(f) list(time = f$time, n = f$n.risk, survival = f$surv, se = if (f$logse) f$std.err * f$surv else f$std.err, low = f$lower, high = f$upper)
test <- function(t) list(chisq = t$table[, 1])
cox <- function(f, x = c(0.5, 1)) {
  c <- concordance(f, timefix = FALSE)
  s <- summary(f)
  out <- list(coef = coef(f), se = sqrt(diag(if (is.null(f$naive.var)) f$var else f$naive.var)),
    robust = if (is.null(f$naive.var)) NA else sqrt(diag(f$var)), loglik = f$loglik, wald = f$wald.test, score = f$score,
    concordance = f$concordance[["concordance"]], concordance_se = f$concordance[["std"]])
  for (t in c("km", "rank", "identity", "log")) out[[paste0("zph_", t)]] <- cox.zph(f, transform = t)$table[, 1]
  new <- data.frame(x = x[1], z = x[2], stratum = 1)
  out$curve <- curve(survfit(f, newdata = new, censor = FALSE))
  out$martingale <- unname(residuals(f, type = "martingale"))
  out$score_x <- unname(residuals(f, type = "score")[, 1])
  out
}
repeated <- d[rep(1:n, d$count), ]
rmean <- function(f, tau) { t <- survival:::survmean(f, rmean = tau)$matrix; unname(t[c("rmean", "se(rmean)")]) }

out <- list(
  km = curve(survfit(Surv(stop, event) ~ 1, d)),
  km_late = curve(survfit(Surv(start, stop, event) ~ 1, d)),
  km_count = curve(survfit(Surv(stop, event) ~ 1, d, weights = count)),
  km_weight = curve(survfit(Surv(stop, event) ~ 1, d, weights = weight)),
  km_weight_late = curve(survfit(Surv(start, stop, event) ~ 1, d, weights = weight, id = 1:n)),
  rmean_10 = rmean(survfit(Surv(stop, event) ~ 1, d), 10),
  rmean_10_count = rmean(survfit(Surv(stop, event) ~ 1, d, weights = count), 10),
  rmean_from_0 = rmean(survfit(Surv(stop - 2, event) ~ 1, d), 8),
  rmean_from_below = rmean(survfit(Surv(stop - 7, event) ~ 1, d), 5),
  quartiles = unlist(quantile(survfit(Surv(stop, event) ~ 1, d), c(.25, .5, .75))),
  log_rank = survdiff(Surv(stop, event) ~ group, d)$chisq,
  log_rank_strata = survdiff(Surv(stop, event) ~ group + strata(stratum), d)$chisq,
  log_rank_count = survdiff(Surv(stop, event) ~ group, repeated)$chisq,
  efron = cox(coxph(Surv(stop, event) ~ x + z, d)),
  breslow = cox(coxph(Surv(stop, event) ~ x + z, d, ties = "breslow")),
  efron_late = cox(coxph(Surv(start, stop, event) ~ x + z, d)),
  breslow_late = cox(coxph(Surv(start, stop, event) ~ x + z, d, ties = "breslow")),
  efron_strata = cox(coxph(Surv(stop, event) ~ x + z + strata(stratum), d)),
  efron_late_strata_cluster = cox(coxph(Surv(start, stop, event) ~ x + z + strata(stratum), d, cluster = cluster)),
  efron_robust = cox(coxph(Surv(stop, event) ~ x + z, d, robust = TRUE)),
  efron_cluster = cox(coxph(Surv(stop, event) ~ x + z, d, cluster = cluster)),
  breslow_cluster = cox(coxph(Surv(stop, event) ~ x + z, d, cluster = cluster, ties = "breslow")),
  efron_weight = cox(coxph(Surv(stop, event) ~ x + z, d, weights = weight)),
  breslow_weight = cox(coxph(Surv(stop, event) ~ x + z, d, weights = weight, ties = "breslow")),
  efron_weight_late_cluster = cox(coxph(Surv(start, stop, event) ~ x + z, d, weights = weight, cluster = cluster)),
  # Counts are repeated rows here. R keeps to that in Breslow's likelihood alone, not in ties by Efron, errors of concordance or cox.zph.
  breslow_count = cox(coxph(Surv(stop, event) ~ x + z, repeated, ties = "breslow")),
  efron_count = cox(coxph(Surv(stop, event) ~ x + z, repeated))
)
writeLines(text(out), "reference.json")
