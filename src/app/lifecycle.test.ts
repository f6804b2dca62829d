import { expect, test } from 'vitest'
import { createLog } from '../platform/log.ts'
import type { Clock, Service } from '../ports/runtime.ts'
import { Lifecycle, startFailure } from './lifecycle.ts'

/** A clock whose sleeps end when the test says so. */
function handClock() {
  let wake: () => void = () => undefined
  const clock: Clock = {
    now: () => 0,
    sleep: (_ms, signal) =>
      new Promise((resolve) => {
        wake = resolve
        signal?.addEventListener('abort', () => resolve())
      }),
  }
  return {
    clock,
    late: () => {
      wake()
    },
  }
}

const lines: string[] = []
const log = createLog({ level: 'debug', pretty: false, out: { write: (line) => void lines.push(line) } })

function scene(...names: string[]) {
  const said: string[] = []
  const services = names.map(
    (name): Service => ({
      name,
      start: async () => void said.push(`${name} starts`),
      drain: async () => void said.push(`${name} drains`),
      stop: async () => void said.push(`${name} stops`),
    }),
  )
  return { said, services }
}

test('starts in order, drains and stops the other way round', async () => {
  const { said, services } = scene('store', 'proxy')
  const life = new Lifecycle({ services, log, clock: handClock().clock })
  expect(life.ready()).toBe(false)
  await life.start()
  expect(life.ready()).toBe(true)
  const ending = life.end()
  expect(life.ready()).toBe(false)
  await Promise.all([ending, life.end()])
  expect(said).toEqual([
    'store starts',
    'proxy starts',
    'proxy drains',
    'store drains',
    'proxy stops',
    'store stops',
  ])
})

test('what was started before a failure is stopped, and the failure is told', async () => {
  const { said, services } = scene('store', 'proxy')
  const broken: Service = { ...(services[1] as Service), start: () => Promise.reject(new Error('no port')) }
  const life = new Lifecycle({ services: [services[0] as Service, broken], log, clock: handClock().clock })
  await expect(life.start()).rejects.toThrow('no port')
  expect(said).toEqual(['store starts', 'store stops'])
  expect(life.ready()).toBe(false)
})

test('a drain that takes too long is cut short', async () => {
  const { said, services } = scene('store')
  const stuck: Service = {
    ...(services[0] as Service),
    name: 'stuck',
    drain: () => new Promise(() => undefined),
  }
  const { clock, late } = handClock()
  const life = new Lifecycle({ services: [services[0] as Service, stuck], log, clock })
  await life.start()
  const ending = life.end()
  late()
  await ending
  expect(said).toEqual(['store starts', 'store starts', 'store stops', 'store stops'])
  expect(lines.some((line) => line.includes('server.drain-cut-short'))).toBe(true)
})

test('a service that cannot drain does not keep the others from stopping', async () => {
  const { said, services } = scene('store')
  const broken: Service = {
    ...(services[0] as Service),
    name: 'broken',
    drain: () => Promise.reject(new Error('bug')),
  }
  const life = new Lifecycle({ services: [services[0] as Service, broken], log, clock: handClock().clock })
  await life.start()
  await life.end()
  expect(said).toEqual(['store starts', 'store starts', 'store drains', 'store stops', 'store stops'])
})

const failure = (fields: object) => Object.assign(new Error('x'), fields)

test.each([
  [failure({ code: 'EADDRINUSE', syscall: 'listen' }), 4],
  [failure({ code: 'EACCES', syscall: 'listen' }), 4],
  [failure({ code: 'EACCES', syscall: 'open' }), 3],
  [failure({ code: 'EACCES', syscall: 'mkdir' }), 3],
  [failure({ code: 'EEXIST', syscall: 'mkdir' }), 3],
  [failure({ code: 'ENOSPC', syscall: 'write' }), 3],
  [failure({ name: 'UnusableFile' }), 3],
  [failure({ name: 'SqliteFailure' }), 3],
  [failure({ name: 'SettingsTrouble' }), 2],
  [new TypeError('x is not a function'), 1],
  ['thrown text', 1],
])('%j at start ends with code %i', (cause, code) => {
  expect(startFailure(cause).code).toBe(code)
})
