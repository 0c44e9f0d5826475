package media_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-mesh/parley/node/media"
	"github.com/parley-mesh/parley/node/media/mediatest"
)

// sent is a packet with the time at which it went out.
type sent struct {
	media.Packet
	at time.Duration
}

// report is a sender report.
type report struct {
	track, layer int
	ntp          uint64
	rtp          uint32
}

// recorder keeps what a player hands on.
type recorder struct {
	begun   time.Time
	packets []sent
	reports []report
	each    func(sent)
	seal    func() error // nil: everything is sealed, by nothing
	told    []error
}

func (r *recorder) Seal(dst []byte, _ int, _ media.Codec, frame []byte) ([]byte, error) {
	if r.seal != nil {
		if err := r.seal(); err != nil {
			return nil, err
		}
	}
	return append(dst, frame...), nil
}

func (r *recorder) Packet(p *media.Packet) {
	s := sent{*p, time.Since(r.begun)}
	r.packets = append(r.packets, s)
	if r.each != nil {
		r.each(s)
	}
}

func (r *recorder) SenderReport(track, layer int, ntp uint64, rtp uint32) {
	r.reports = append(r.reports, report{track, layer, ntp, rtp})
}

// play plays a reader for a while and returns what went out.
func play(t *testing.T, reader media.Reader, loop bool, length time.Duration, prepare func(*media.Player, *recorder)) (*recorder, error) {
	t.Helper()
	r := &recorder{begun: time.Now()}
	player := media.NewPlayer(reader, media.PlayerConfig{Handler: r, Loop: loop, Seed: 7, Tell: func(err error) { r.told = append(r.told, err) }})
	if prepare != nil {
		prepare(player, r)
	}
	ctx, cancel := context.WithTimeout(t.Context(), length)
	defer cancel()
	return r, player.Run(ctx)
}

// smooth checks that timestamps follow the clock on which packets went out.
func smooth(t *testing.T, r *recorder) {
	t.Helper()
	last := map[[2]int]sent{}
	for _, s := range r.packets {
		key := [2]int{s.Track, s.Layer}
		before, ok := last[key]
		last[key] = s
		if !ok {
			continue
		}
		if s.Seq != before.Seq+1 {
			t.Fatalf("track %v at %v: sequence number %d after %d", key, s.at, s.Seq, before.Seq)
		}
		ticks := time.Duration(s.Time-before.Time) * time.Second / time.Duration(s.Codec.ClockRate())
		if passed := s.at - before.at; (ticks - passed).Abs() > time.Millisecond {
			t.Fatalf("track %v at %v: timestamps advance by %v, the clock by %v", key, s.at, ticks, passed)
		}
	}
}

// Guards the pace and the loop: real time, and no jump where the file begins again.
func TestPlayerLoops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		file := mediatest.WebM(media.VP8, mediatest.Pictures(0)[:30], mediatest.Sounds())
		r, err := play(t, open(t, file), true, 20*time.Second, nil)
		if err != nil {
			t.Fatal(err)
		}
		smooth(t, r)
		count := map[media.Codec]int{}
		gap := map[media.Codec]time.Duration{}
		last := map[media.Codec]time.Duration{}
		for _, s := range r.packets {
			count[s.Codec]++
			gap[s.Codec] = max(gap[s.Codec], s.at-last[s.Codec])
			last[s.Codec] = s.at
		}
		if count[media.Opus] < 980 || count[media.VP8] < 290 {
			t.Errorf("in 20 s: %v", count)
		}
		if gap[media.Opus] > 50*time.Millisecond || gap[media.VP8] > 120*time.Millisecond {
			t.Errorf("longest gaps %v", gap)
		}
	})
}

// Guards the end: without a loop a file is played once.
func TestPlayerEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sounds := mediatest.Sounds()
		r, err := play(t, open(t, mediatest.Ogg(sounds, 10)), false, time.Hour, nil)
		if err != nil || len(r.packets) != len(sounds) {
			t.Errorf("%d packets of %d, %v", len(r.packets), len(sounds), err)
		}
	})
}

// Guards lip-sync at the receivers: each layer's reports tie its timestamps to one clock.
func TestPlayerReports(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r, err := play(t, mediatest.NewReader(3, true), false, 5*time.Second, nil)
		if err != nil {
			t.Fatal(err)
		}
		smooth(t, r)
		offsets := map[[2]int]float64{}
		for _, report := range r.reports {
			rate := 90_000.0
			if report.track == 1 {
				rate = 48_000
			}
			key := [2]int{report.track, report.layer}
			offset := float64(report.ntp)/(1<<32) - float64(report.rtp)/rate
			if before, ok := offsets[key]; ok && (before-offset > 0.001 || offset-before > 0.001) {
				t.Errorf("layer %v: reports disagree by %v s", key, before-offset)
			}
			offsets[key] = offset
		}
		if len(offsets) != 4 || len(r.reports) < 4*5 {
			t.Errorf("%d reports of %d layers", len(r.reports), len(offsets))
		}
	})
}

// Guards newcomers: with one key frame in four seconds, who asks has one within
// a second, and who goes on asking does not hold the film.
func TestPlayerStepsBackForNewcomers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		file := mediatest.WebM(media.VP8, mediatest.Pictures(1), mediatest.Sounds())
		var asked, got time.Duration
		r, err := play(t, open(t, file), true, 8*time.Second, func(p *media.Player, r *recorder) {
			r.each = func(s sent) {
				if s.at >= 2*time.Second && asked == 0 {
					asked = s.at
					p.RequestKeyFrame(0)
				}
				if s.Key && s.Track == 0 && asked > 0 && got == 0 {
					got = s.at
				}
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		smooth(t, r)
		if got == 0 || got-asked > time.Second {
			t.Errorf("asked at %v, got a key frame at %v", asked, got)
		}

		keys := 0
		hostile, err := play(t, open(t, file), false, 2*time.Minute, func(p *media.Player, r *recorder) {
			r.each = func(s sent) {
				p.RequestKeyFrame(0)
				p.RequestKeyFrame(9)
				if s.Key && s.Track == 0 {
					keys++
				}
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		smooth(t, hostile)
		if end := hostile.packets[len(hostile.packets)-1].at; end > 30*time.Second || keys > 10 {
			t.Errorf("four seconds took %v and %d key-frame packets for somebody who always asks", end, keys)
		}
	})
}

// Guards who joins before there is a key to seal with: nothing leaves until then,
// time goes on meanwhile, and the picture begins with a key frame, at once where the
// file can go back to one. A frame that cannot be sealed now and then ends nothing.
func TestPlayerBeginsSealed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		file := mediatest.WebM(media.VP8, mediatest.Pictures(1), mediatest.Sounds())
		const from, gap = 1500 * time.Millisecond, 5 * time.Second
		failed := errors.New("no key")
		first := map[media.Codec]sent{}
		after := map[media.Codec]sent{}
		r, err := play(t, open(t, file), true, 10*time.Second, func(_ *media.Player, r *recorder) {
			r.seal = func() error {
				at := time.Since(r.begun)
				if at < from || at >= gap && at < gap+100*time.Millisecond {
					return failed
				}
				return nil
			}
			r.each = func(s sent) {
				if _, begun := first[s.Codec]; !begun {
					first[s.Codec] = s
				}
				if _, again := after[s.Codec]; !again && s.at >= gap {
					after[s.Codec] = s
				}
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		smooth(t, r)
		for _, codec := range []media.Codec{media.VP8, media.Opus} {
			if s := first[codec]; !s.Key || s.at < from || s.at > from+200*time.Millisecond {
				t.Errorf("%s begins at %v, with a key frame %v", codec, s.at, s.Key)
			}
			if s := after[codec]; !s.Key || s.at > gap+400*time.Millisecond {
				t.Errorf("%s goes on at %v, with a key frame %v", codec, s.at, s.Key)
			}
		}
	})
}

// Guards the film against a frame that can never be sealed: it is tried once
// without waiting, and not over and over.
func TestPlayerPassesWhatCannotBeSealed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		file := mediatest.WebM(media.VP8, mediatest.Pictures(1), mediatest.Sounds())
		frames := 0
		r, err := play(t, open(t, file), false, time.Minute, func(_ *media.Player, r *recorder) {
			r.seal = func() error {
				if frames++; frames%3 == 0 {
					return errors.New("no key")
				}
				return nil
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		if end := r.packets[len(r.packets)-1].at; end > 30*time.Second {
			t.Errorf("four seconds took %v", end)
		}
	})
}

// stalling holds the frames up once.
type stalling struct {
	media.Reader
	after, length time.Duration
	begun         time.Time
}

func (s *stalling) Next(ctx context.Context) (media.Frame, error) {
	if s.after > 0 && time.Since(s.begun) > s.after {
		s.after = 0
		time.Sleep(s.length)
	}
	return s.Reader.Next(ctx)
}

// Guards the room against a burst: what a stalled camera owes is not sent all at once.
func TestPlayerCatchesUpALittle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for length, want := range map[time.Duration]time.Duration{200 * time.Millisecond: 9980 * time.Millisecond, 5 * time.Second: 5 * time.Second} {
			reader := &stalling{mediatest.NewReader(0, true), 2 * time.Second, length, time.Now()}
			r, err := play(t, reader, false, 10*time.Second, nil)
			if err != nil {
				t.Fatal(err)
			}
			first, last := r.packets[0], r.packets[len(r.packets)-1]
			burst, most := 0, 0
			at := time.Duration(-1)
			for _, s := range r.packets {
				if s.at != at {
					burst, at = 0, s.at
				}
				burst++
				most = max(most, burst)
			}
			if most > 16 {
				t.Errorf("stalled for %v: %d packets at once", length, most)
			}
			played := time.Duration(len(r.packets)-1) * 20 * time.Millisecond
			if (played - want).Abs() > 100*time.Millisecond {
				t.Errorf("stalled for %v: played %v, want %v", length, played, want)
			}
			ticks := time.Duration(last.Time-first.Time) * time.Second / 48_000
			if (ticks - (last.at - first.at)).Abs() > 300*time.Millisecond {
				t.Errorf("stalled for %v: timestamps tell %v, the clock %v", length, ticks, last.at-first.at)
			}
		}
	})
}

// Guards a looped file that is broken in the middle: it plays on as far as it is good.
func TestPlayerLoopsOverABreak(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		file := mediatest.IVF(media.VP8, mediatest.Pictures(0))
		file = file[:len(file)/2]
		r, err := play(t, open(t, file), true, 20*time.Second, nil)
		if err != nil {
			t.Errorf("looped: %v", err)
		}
		smooth(t, r)
		if len(r.packets) < 290 {
			t.Errorf("looped: %d packets in 20 s", len(r.packets))
		}
		var broken *media.BrokenError
		if len(r.told) != 1 || !errors.As(r.told[0], &broken) {
			t.Errorf("looped: told %v", r.told)
		}
		if _, err := play(t, open(t, file), false, 20*time.Second, nil); !errors.As(err, &broken) {
			t.Errorf("not looped: %v", err)
		}
		nothing := mediatest.IVF(media.VP8, mediatest.Pictures(0))
		clear(nothing[32:36])
		if _, err := play(t, open(t, nothing), true, 20*time.Second, nil); !errors.As(err, &broken) {
			t.Errorf("nothing good in it: %v", err)
		}
	})
}

// ended is a reader whose context ended before its player's.
type ended struct{ media.Reader }

func (ended) Next(context.Context) (media.Frame, error) { return media.Frame{}, context.Canceled }

// Guards against a complaint in every meeting that is left while ffmpeg runs.
func TestPlayerEndsWithItsReader(t *testing.T) {
	t.Parallel()
	file := open(t, mediatest.IVF(media.VP8, mediatest.Pictures(0)))
	if _, err := play(t, ended{file}, true, time.Minute, nil); err != nil {
		t.Errorf("Run = %v", err)
	}
}
