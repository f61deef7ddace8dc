package main

import (
	"slices"

	"github.com/redis/go-redis/v9"
)

const set = "listed"

// redisPeer is a set in a Redis server.
type redisPeer struct {
	socket string
	client *redis.Client
}

func (p *redisPeer) version() (string, error) {
	info, err := p.client.InfoMap(ctx, "server").Result()
	return "Redis " + info["Server"]["redis_version"] + ", Unix socket", err
}

func (p *redisPeer) load(names []string) error {
	p.client = redis.NewClient(&redis.Options{Network: "unix", Addr: p.socket})
	for part := range slices.Chunk(names, 10_000) {
		if err := p.client.SAdd(ctx, set, values(part)...).Err(); err != nil {
			return err
		}
	}
	return nil
}

func (p *redisPeer) has(name string) (bool, error) {
	return p.client.SIsMember(ctx, set, name).Result()
}

func (p *redisPeer) hasAll(names []string) ([]bool, error) {
	return p.client.SMIsMember(ctx, set, values(names)...).Result()
}

func (p *redisPeer) change(add, remove []string) error {
	_, err := p.client.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
		pipe.SAdd(ctx, set, values(add)...)
		pipe.SRem(ctx, set, values(remove)...)
		return nil
	})
	return err
}

func values(names []string) []any {
	values := make([]any, len(names))
	for index, name := range names {
		values[index] = name
	}
	return values
}
