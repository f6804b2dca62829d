import { expect, test } from 'vitest'
import { makeKey, revoked } from '../../../../test/support/dns/signing.ts'
import { type AnchorMemory, observed, rootAnchor } from './anchors.ts'
import { readDnsKey } from './records.ts'

const day = 86_400_000
const start = Date.UTC(2026, 0, 1)
const nothing: AnchorMemory = { validated: false, keys: [] }

const [old, next] = [makeKey(13), makeKey(13)]
function keyOf({ data }: { data: Buffer }) {
  const key = readDnsKey(data)
  if (!key) throw new Error('No key')
  return key
}
const states = (memory: AnchorMemory) => memory.keys.map(({ state }) => state)

/** Looks at the keys of the zone once a day, as long as the days last. */
function watched(days: number, from: AnchorMemory, at: number, keys = [old, next]): AnchorMemory {
  let memory = from
  for (let each = 0; each <= days; each++) memory = observed(memory, keys.map(keyOf), [], at + each * day)
  return memory
}

test('a new key is believed after 30 days in which it was always there', () => {
  expect(states(watched(29, nothing, start))).toEqual(['pending', 'pending'])
  expect(states(watched(30, nothing, start))).toEqual(['valid', 'valid'])
})

test('a new key that vanishes while it waits starts again', () => {
  const waiting = watched(20, nothing, start)
  const gone = watched(1, waiting, start + 21 * day, [old])
  expect(states(gone)).toEqual(['pending'])
  const back = watched(15, gone, start + 23 * day)
  expect(back.keys.find(({ key }) => key === next.data.toString('base64'))?.state).toBe('pending')
})

test('a key that revokes itself is never believed again', () => {
  const valid = watched(31, nothing, start)
  const end = keyOf(revoked(old))
  const after = observed(valid, [end, keyOf(next)], [end], start + 40 * day)
  expect(states(after).sort()).toEqual(['revoked', 'valid'])
  const later = watched(60, after, start + 41 * day)
  expect(states(later).sort()).toEqual(['revoked', 'valid'])
})

test('keys that are no entry points are not remembered, and never more than a few', () => {
  const signing = makeKey(13, { flags: 256 })
  expect(observed(nothing, [keyOf(signing)], [], start).keys).toEqual([])
  const many = Array.from({ length: 40 }, () => keyOf(makeKey(15)))
  expect(observed(nothing, many, [], start).keys.length).toBeLessThanOrEqual(16)
})

test('the built-in keys are those of the root', () => {
  expect(rootAnchor.ds.map(({ keyTag }) => keyTag)).toEqual([20326, 38696])
})
