# Works out from the rows of people and trainings of a planned company, by itself and with R's survival (3.5-3), what TestCurvesAndHazardsAreRs holds
# the package to:
#
#     go test ./workforce -run TestCurvesAndHazardsAreRs -rows DIR && Rscript workforce/testdata/held.R DIR
library(survival)
setwd(commandArgs(trailingOnly = TRUE)[1])
p <- read.csv("people.csv"); r <- read.csv("records.csv")
p <- p[order(p$person,p$from),]
# one row a person: hired, seen, left, role, team, first manager
f <- p[!duplicated(p$person),]
left <- tapply(p$left, p$person, function(x) if (all(is.na(x))) NA else max(x,na.rm=TRUE))
f$left <- left[f$person]; f$seen <- pmax(f$from,f$hired)
END <- as.integer(as.Date("2024-01-01"))
f$stop <- (ifelse(is.na(f$left),END,f$left+1)-f$hired)/365.25; f$start <- (f$seen-f$hired)/365.25; f$ev <- !is.na(f$left)
f$cl <- ifelse(is.na(f$manager)|!(f$manager %in% f$person), f$team, f$manager)
k <- survfit(Surv(start,stop,ev)~1,data=f,conf.type="log-log"); s<-summary(k,times=1:3); print(cbind(s$surv,s$lower,s$upper)); print(summary(k,rmean=5)$table[c("rmean","se(rmean)")])
a <- coxph(Surv(start,stop,ev)~I(role=="lead"),data=f,cluster=cl); print(summary(a)$conf.int)
# departments against their average: by the person where one has fewer than 20 managers or teams
few <- min(tapply(f$cl, f$department, function(x) length(unique(x)))) < 20
a <- if (few) coxph(Surv(start,stop,ev)~department,data=f,cluster=person) else coxph(Surv(start,stop,ev)~department,data=f,cluster=cl)
w <- tapply(f$stop-f$start, f$department, sum)/sum(f$stop-f$start)
for (d in c(1,5)) { k <- -w[-1]; if (d>1) k[d-1] <- k[d-1]+1; b <- sum(k*coef(a)); e <- sqrt(as.numeric(k %*% vcov(a) %*% k)); print(c(few, exp(c(b, b-qnorm(.975)*e, b+qnorm(.975)*e))), digits=8) }
# trained
c0 <- min(r$day[r$stage!="interview"])
t <- merge(r[r$kind=="role",c("person","day")], f[,c("person","hired")]); t <- unique(t$person[t$day>=t$hired & t$day-t$hired<365.25])
g <- f[f$hired>=c0 & f$stop>1,]; g$tr <- g$person %in% t; g$start <- pmax(g$start,1)
a <- coxph(Surv(start,stop,ev)~tr+strata(role),data=g,cluster=cl); print(summary(a)$conf.int); print(nrow(g))
# score
i <- r[r$stage=="interview",]; h <- merge(f,i[,c("person","score")]); h<-h[h$start<1,]; h$ev <- h$ev & h$stop<=1; h$stop<-pmin(h$stop,1); h$z <- h$score/sd(h$score)
a <- coxph(Surv(start,stop,ev)~z+strata(role),data=h,cluster=cl); print(summary(a)$conf.int); print(nrow(h))
# manager: cut each row at the manager's departure by loops over the rows of people
rows <- list()
nxt <- c(p$from[-1],NA); same <- c(p$person[-1]==p$person[-nrow(p)],FALSE)
fl <- f$left; names(fl) <- f$person; hd <- f$hired; names(hd) <- f$person
last <- c(); cur <- ""
for (j in seq_len(nrow(p))) {
  id <- p$person[j]; if (id!=cur) { until <- -1e9; cur <- id; from <- hd[id] } else from <- p$from[j]
  L <- fl[id]; to <- if (same[j]) nxt[j] else if (is.na(L)) END else L+1
  to <- min(to, if (is.na(L)) END else L+1); m <- p$manager[j]; ml <- if (is.na(m)) NA else fl[m]; known <- !is.na(m) && m %in% f$person
  if (from>=to) next
  days <- sort(unique(c(from,to, if(!is.na(ml) && ml>=from && ml<to) c(ml+1,ml+181), until))); days <- days[days>=from & days<=to]
  for (q in seq_along(days)) { d <- days[q]; if (!is.na(ml) && d==ml+1 && ml>=from && ml<to) until <- ml+181
    if (q==length(days)) break
    e <- days[q+1]; ins <- d<until; a <- max(d, f$seen[match(id,f$person)])
    if (a<e && (known||ins)) rows[[length(rows)+1]] <- data.frame(id=id,start=(a-hd[id])/365.25,stop=(e-hd[id])/365.25,ev=!is.na(L)&&e==L+1,ins=ins,cl=f$cl[match(id,f$person)],role=p$role[j]) }
}
d <- do.call(rbind,rows)
a <- coxph(Surv(start,stop,ev)~ins+strata(role),data=d,cluster=cl); print(summary(a)$conf.int); print(nrow(d))
