// Package run holds what one run of the provider, a plan or an apply, knows of the objects that its resources declare:
// what it has written and deleted, and what it plans. It also keeps those apart that must not write at the same time.
// It knows neither Terraform nor Scalekit, lives as long as the process, and is never saved.
//
// What a plan records here may cause or suppress a message of another resource. It never causes an action.
package run

import (
	"slices"
	"sync"
)

// Record is what a run knows. It is for use by several goroutines.
type Record struct {
	mutex   sync.Mutex
	objects map[Object]*facts
}

// facts are what a run knows of one object.
type facts struct {
	written, deleted, planned, enabling, kept, discarded bool

	claims    []string
	said      map[string]bool
	lookUp    any
	exclusion sync.Mutex
}

// New returns the record of a run that has not begun.
func New() *Record { return &Record{objects: map[Object]*facts{}} }

// of returns what is known of an object. The caller holds the mutex.
func (r *Record) of(object Object) *facts {
	known, ok := r.objects[object]
	if !ok {
		known = &facts{said: map[string]bool{}}
		r.objects[object] = known
	}
	return known
}

func (r *Record) note(object Object, change func(*facts)) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	change(r.of(object))
}

func (r *Record) ask(object Object, question func(*facts) bool) bool {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	known, ok := r.objects[object]
	return ok && question(known)
}

// Write notes that this run has created or changed an object, or is about to.
func (r *Record) Write(object Object) { r.note(object, func(f *facts) { f.written = true }) }

// Wrote reports whether this run has created or changed the object.
func (r *Record) Wrote(object Object) bool {
	return r.ask(object, func(f *facts) bool { return f.written })
}

// Delete notes that this run has deleted an object.
func (r *Record) Delete(object Object) { r.note(object, func(f *facts) { f.deleted = true }) }

// Deleted reports whether this run has deleted the object.
func (r *Record) Deleted(object Object) bool {
	return r.ask(object, func(f *facts) bool { return f.deleted })
}

// DeletedIn returns the names of the objects of a kind in a scope that this run has deleted, sorted.
func (r *Record) DeletedIn(kind Kind, scope string) []string {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	var names []string
	for object, known := range r.objects {
		if object.Kind == kind && object.Scope == scope && known.deleted {
			names = append(names, object.Name)
		}
	}
	slices.Sort(names)
	return names
}

// Plan notes that an object will exist once the plan is applied.
func (r *Record) Plan(object Object) { r.note(object, func(f *facts) { f.planned = true }) }

// Plans reports whether the object will exist once the plan is applied, as far as it is made. Terraform plans what a
// resource refers to before the resource itself.
func (r *Record) Plans(object Object) bool {
	return r.ask(object, func(f *facts) bool { return f.planned })
}

// PlansIn reports whether any object of the kind will exist in the scope once the plan is applied, as far as it is made.
func (r *Record) PlansIn(kind Kind, scope string) bool {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	for object, known := range r.objects {
		if object.Kind == kind && object.Scope == scope && known.planned {
			return true
		}
	}
	return false
}

// PlanEnabled notes that an object will be enabled once the plan is applied.
func (r *Record) PlanEnabled(object Object) { r.note(object, func(f *facts) { f.enabling = true }) }

// PlansEnabled reports whether the object will be enabled once the plan is applied, as far as it is made.
func (r *Record) PlansEnabled(object Object) bool {
	return r.ask(object, func(f *facts) bool { return f.enabling })
}

// Claim notes that the resource with the state's id plans to hold an object, and reports whether another resource does
// already. A resource that is to be created has no id yet: it is "". One that is replaced keeps that of its state.
func (r *Record) Claim(object Object, id string) (taken bool) {
	r.note(object, func(f *facts) {
		for _, other := range f.claims {
			// Terraform plans each resource that has no state once, so two of them are two resources.
			if other != id || id == "" {
				taken = true
			}
		}
		f.claims = append(f.claims, id)
	})
	return taken
}

// Keep notes that a resource plans to keep an object, and reports whether another one plans to destroy it.
func (r *Record) Keep(object Object) (discarded bool) {
	r.note(object, func(f *facts) { f.kept, discarded = true, f.discarded })
	return discarded
}

// Discard notes that a resource plans to destroy an object, and reports whether another one plans to keep it.
func (r *Record) Discard(object Object) (kept bool) {
	r.note(object, func(f *facts) { f.discarded, kept = true, f.kept })
	return kept
}

// Say reports whether a message about the object is said for the first time in this run.
func (r *Record) Say(object Object, message string) (first bool) {
	r.note(object, func(f *facts) {
		first = !f.said[message]
		f.said[message] = true
	})
	return first
}

// Lock waits until nothing else in this process writes the object, and returns the function that lets others in.
func (r *Record) Lock(object Object) (unlock func()) {
	r.mutex.Lock()
	exclusion := &r.of(object).exclusion
	r.mutex.Unlock()
	exclusion.Lock()
	return exclusion.Unlock
}

// LookUp returns what an earlier look-up about the object has found in this run, unless something is missing there,
// since it may have come into being in the meantime. Otherwise it looks. A failure is not kept.
func LookUp[T any](r *Record, object Object, isMissing func(T) bool, look func() (T, error)) (T, error) {
	defer r.Lock(object)()
	var found any
	r.note(object, func(f *facts) { found = f.lookUp })
	if known, ok := found.(T); ok && !isMissing(known) {
		return known, nil
	}
	looked, err := look()
	if err == nil {
		r.note(object, func(f *facts) { f.lookUp = looked })
	}
	return looked, err
}
