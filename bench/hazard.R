# A Cox model by coxph on the columns that bench hazard has written, and the time that the call takes:
#   Rscript hazard.R DIR ROWS COVARIATES LATE
args <- commandArgs(TRUE)
suppressPackageStartupMessages(library(survival))
n <- as.integer(args[2])
column <- function(name) readBin(file.path(args[1], name), "double", n)
d <- data.frame(stop = column("stop"), event = column("event"))
for (i in seq_len(as.integer(args[3]))) d[[paste0("x", i)]] <- column(paste0("x", i))
x <- paste0("x", seq_len(as.integer(args[3])), collapse = " + ")
if (args[4] == "true") {
  d$start <- column("start")
  model <- as.formula(paste("Surv(start, stop, event) ~", x))
} else {
  model <- as.formula(paste("Surv(stop, event) ~", x))
}
begin <- proc.time()
fit <- coxph(model, d)
took <- proc.time() - begin
list <- function(v) paste0("[", paste(formatC(v, digits = 15, format = "g"), collapse = ", "), "]")
cat(sprintf('{"seconds": %.3f, "cpu_seconds": %.3f, "coefficients": %s, "errors": %s, "log_likelihood": %.10g, "concordance": %.12g, "concordance_se": %.12g, "version": "%s, survival %s"}\n',
  took[["elapsed"]], took[["user.self"]] + took[["sys.self"]], list(coef(fit)), list(sqrt(diag(fit$var))), fit$loglik[2], fit$concordance[["concordance"]], fit$concordance[["std"]],
  R.version.string, packageVersion("survival")))
