package guard

import "container/list"

// table keeps at most max values, and forgets the one that was touched longest ago when it needs room. It never forgets one
// that is pinned; how many are, is bounded elsewhere.
type table[K comparable, V any] struct {
	max    int
	pinned func(*V) bool
	index  map[K]*list.Element
	order  *list.List // of *row[K, V], most recently touched first
}

type row[K comparable, V any] struct {
	key   K
	value V
}

func newTable[K comparable, V any](max int, pinned func(*V) bool) *table[K, V] {
	return &table[K, V]{max: max, pinned: pinned, index: make(map[K]*list.Element), order: list.New()}
}

// peek returns the value under key, or nil.
func (t *table[K, V]) peek(key K) *V {
	if element, there := t.index[key]; there {
		return &element.Value.(*row[K, V]).value
	}
	return nil
}

// touch returns the value under key, a new zero one if there was none.
func (t *table[K, V]) touch(key K) *V {
	if element, there := t.index[key]; there {
		t.order.MoveToFront(element)
		return &element.Value.(*row[K, V]).value
	}
	if len(t.index) >= t.max {
		t.forgetOldest()
	}
	added := &row[K, V]{key: key}
	t.index[key] = t.order.PushFront(added)
	return &added.value
}

func (t *table[K, V]) forgetOldest() {
	for element := t.order.Back(); element != nil; element = element.Prev() {
		if old := element.Value.(*row[K, V]); t.pinned == nil || !t.pinned(&old.value) {
			t.order.Remove(element)
			delete(t.index, old.key)
			return
		}
	}
}

func (t *table[K, V]) remove(key K) {
	if element, there := t.index[key]; there {
		t.order.Remove(element)
		delete(t.index, key)
	}
}
