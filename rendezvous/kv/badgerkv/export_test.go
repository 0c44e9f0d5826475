package badgerkv

// Rest returns when the engine has nothing left to rewrite by itself.
func (s *Store) Rest() error { return s.db.Flatten(1) }
