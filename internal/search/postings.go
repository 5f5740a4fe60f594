package search

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

const (
	// blockBits is how much of a place is its number within its block.
	blockBits = 16
	blockSize = 1 << blockBits
	blockMask = blockSize - 1
	// sparse is up to how many places a list is shorter than a map of bits.
	sparse      = blockSize / 16
	bitmapBytes = blockSize / 8
)

// postings are the places of one block that have a term: a sorted list of 16-bit numbers while they are few, a
// map of bits when they are many. Both are read as they lie in the database.
type postings struct {
	count int
	bytes []byte
}

func (p postings) isBitmap() bool { return p.count > sparse }

func (p postings) at(i int) uint16 { return binary.LittleEndian.Uint16(p.bytes[2*i:]) }

func (p postings) has(low uint16) bool {
	if p.isBitmap() {
		return p.bytes[low>>3]&(1<<(low&7)) != 0
	}
	from, to := 0, p.count
	for from < to {
		middle := (from + to) / 2
		if p.at(middle) < low {
			from = middle + 1
		} else {
			to = middle
		}
	}
	return from < p.count && p.at(from) == low
}

// each calls visit with every place in order until it says no.
func (p postings) each(visit func(low uint16) bool) {
	if !p.isBitmap() {
		for i := range p.count {
			if !visit(p.at(i)) {
				return
			}
		}
		return
	}
	for at := 0; at < bitmapBytes; at += 8 {
		for word := binary.LittleEndian.Uint64(p.bytes[at:]); word != 0; word &= word - 1 {
			if !visit(uint16(at*8 + bits.TrailingZeros64(word))) {
				return
			}
		}
	}
}

// sound tells whether the bytes can be what they say: a damaged row is noticed, not followed.
func (p postings) sound() bool {
	if p.isBitmap() {
		return len(p.bytes) == bitmapBytes
	}
	return p.count >= 0 && len(p.bytes) == 2*p.count
}

// listed packs a sorted list without doubles.
func listed(lows []uint16) postings {
	p := postings{count: len(lows)}
	if p.isBitmap() {
		p.bytes = make([]byte, bitmapBytes)
		for _, low := range lows {
			p.bytes[low>>3] |= 1 << (low & 7)
		}
		return p
	}
	p.bytes = make([]byte, 0, 2*len(lows))
	for _, low := range lows {
		p.bytes = binary.LittleEndian.AppendUint16(p.bytes, low)
	}
	return p
}

// changed is the postings after some places came and others went.
func (p postings) changed(in, out []uint16) postings {
	if p.isBitmap() {
		return p.flipped(in, out)
	}
	lows := make([]uint16, 0, p.count+len(in))
	p.each(func(low uint16) bool {
		if !slices.Contains(out, low) {
			lows = append(lows, low)
		}
		return true
	})
	lows = append(lows, in...)
	slices.Sort(lows)
	return listed(slices.Compact(lows))
}

func (p postings) flipped(in, out []uint16) postings {
	q := postings{bytes: slices.Clone(p.bytes)}
	for _, low := range out {
		q.bytes[low>>3] &^= 1 << (low & 7)
	}
	for _, low := range in {
		q.bytes[low>>3] |= 1 << (low & 7)
	}
	return q.recounted()
}

// recounted is what a map of bits really holds, as a list when that is few.
func (p postings) recounted() postings {
	p.count = 0
	for at := 0; at < bitmapBytes; at += 8 {
		p.count += bits.OnesCount64(binary.LittleEndian.Uint64(p.bytes[at:]))
	}
	if p.isBitmap() {
		return p
	}
	lows := make([]uint16, 0, p.count)
	postings{count: blockSize, bytes: p.bytes}.each(func(low uint16) bool {
		lows = append(lows, low)
		return true
	})
	return listed(lows)
}

// alternatives are postings of which a match needs to be in one.
type alternatives []postings

// most is how many places there can be at most.
func (a alternatives) most() (total int) {
	for _, p := range a {
		total += p.count
	}
	return total
}

func (a alternatives) has(low uint16) bool {
	for _, p := range a {
		if p.has(low) {
			return true
		}
	}
	return false
}

// union is the places of any.
func (a alternatives) union() postings {
	if len(a) == 1 {
		return a[0]
	}
	if total := a.most(); total <= sparse {
		lows := make([]uint16, 0, total)
		for _, p := range a {
			p.each(func(low uint16) bool { lows = append(lows, low); return true })
		}
		slices.Sort(lows)
		return listed(slices.Compact(lows))
	}
	merged := postings{count: blockSize, bytes: make([]byte, bitmapBytes)}
	for _, p := range a {
		if p.isBitmap() {
			for i, b := range p.bytes {
				merged.bytes[i] |= b
			}
			continue
		}
		p.each(func(low uint16) bool { merged.bytes[low>>3] |= 1 << (low & 7); return true })
	}
	return merged.recounted()
}

// meet is the places of p that one of the alternatives has.
func (p postings) meet(others alternatives) postings {
	few, many := p, others
	if p.isBitmap() {
		union := others.union()
		if union.isBitmap() {
			return p.overlap(union)
		}
		few, many = union, alternatives{p}
	}
	lows := make([]uint16, 0, few.count)
	few.each(func(low uint16) bool {
		if many.has(low) {
			lows = append(lows, low)
		}
		return true
	})
	return listed(lows)
}

// overlap lays two maps on one another.
func (p postings) overlap(q postings) postings {
	both := make([]byte, bitmapBytes)
	for at := 0; at < bitmapBytes; at += 8 {
		binary.LittleEndian.PutUint64(both[at:], binary.LittleEndian.Uint64(p.bytes[at:])&binary.LittleEndian.Uint64(q.bytes[at:]))
	}
	return postings{count: blockSize, bytes: both}.recounted()
}
