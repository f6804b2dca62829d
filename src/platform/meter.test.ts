import { expect, test } from 'vitest'
import { createMeter } from './meter.ts'

const quiet = () => createMeter({ processMetrics: false })

test('counts add up, one series per set of labels', async () => {
  const meter = quiet()
  meter.count('messages_total', { listener: 'smtp' })
  meter.count('messages_total', { listener: 'smtp' }, 2)
  meter.count('messages_total', { listener: 'lmtp' })
  const text = await meter.render()
  expect(text).toContain('homepost_messages_total{listener="smtp"} 3\n')
  expect(text).toContain('homepost_messages_total{listener="lmtp"} 1\n')
})

test('a gauge is read when it is asked for, and the last one of a name speaks', async () => {
  const meter = quiet()
  let open = 1
  meter.gauge('connections', () => 99)
  meter.gauge('connections', () => open)
  open = 7
  expect(await meter.render()).toContain('homepost_connections 7\n')
})

test('seconds fall into buckets', async () => {
  const meter = quiet()
  meter.observeSeconds('accept_seconds', 0.003)
  const text = await meter.render()
  expect(text).toContain('homepost_accept_seconds_bucket{le="0.0025"} 0\n')
  expect(text).toContain('homepost_accept_seconds_bucket{le="0.005"} 1\n')
})

test('a sample with other labels than its metric began with breaks nothing and is seen', async () => {
  const meter = quiet()
  meter.count('messages_total', { listener: 'smtp' })
  meter.count('messages_total', { port: '25' })
  expect(await meter.render()).toContain('homepost_meter_mislabelled_total{metric="messages_total"} 1\n')
})

test('the process tells its memory and CPU under the usual names', async () => {
  const text = await createMeter().render()
  expect(text).toContain('process_resident_memory_bytes ')
  expect(text).toContain('process_cpu_seconds_total ')
})
