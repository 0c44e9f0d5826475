package api

import (
	"context"
	"time"

	"github.com/parley-mesh/parley/rendezvous/kv"
)

// nothing is a kv.Store that holds nothing and keeps nothing.
type nothing struct{}

func (nothing) Get(context.Context, string) (kv.Entry, error) { return kv.Entry{}, kv.ErrNotFound }

func (nothing) Put(context.Context, string, []byte, kv.Revision, time.Duration) (kv.Revision, error) {
	return 1, nil
}

func (nothing) Delete(context.Context, string, kv.Revision) error { return nil }

func (nothing) List(context.Context, string, string, int) (kv.Page, error) { return kv.Page{}, nil }

func (nothing) Watch(context.Context, string) (<-chan kv.Event, error) { return nil, nil }

func (nothing) Close() error { return nil }
