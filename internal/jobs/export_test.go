package jobs

import "time"

// Grace sets how long a process must seem to have ended.
func (o *Options) Grace(d time.Duration) { o.grace = d }

// MarkedAfter sets how long a job that was done may take to be marked so.
func (o *Options) MarkedAfter(d time.Duration) { o.markedAfter = d }

// Poll sets how often the database is asked for jobs.
func (o *Options) Poll(d time.Duration) { o.poll = d }
