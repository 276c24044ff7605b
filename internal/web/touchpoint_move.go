package web

// touchpointMoved takes a move on the map, by drag or by keys: journey and stage, the department from today on, the key of the
// touchpoint before which it stands, and the version that the map was drawn from. It leads back to the map; a refusal, or what
// somebody else changed meanwhile, is a page about the touchpoint.
func (s *Server) touchpointMoved(v *visit) error {
	if in, stage := v.r.PostForm.Get("journey"), v.r.PostForm.Get("stage"); in != "" || stage != "" {
		v.r.PostForm.Set("place", in+"/"+stage)
	}
	return touchpointPiece.post(s, v, "move")
}
