import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { type LineClient, open } from './front-kit.ts'

/** A front in a process of its own that may open only so many files. */
async function frontWithFewFiles(files: number) {
  const program = fileURLToPath(new URL('./front-few-files.ts', import.meta.url))
  const shell = `ulimit -n ${files} && exec "$0" "$1"`
  const child = spawn('sh', ['-c', shell, process.execPath, program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(async () => {
    child.kill()
    if (child.exitCode === null) await once(child, 'exit')
  })
  const events: Record<string, unknown>[] = []
  const lines = createInterface({ input: child.stdout })
  const port = new Promise<number>((resolve) => {
    lines.on('line', (line) => {
      const event = JSON.parse(line) as Record<string, unknown>
      events.push(event)
      if (event['event'] === 'test.ready') resolve(Number(event['port']))
    })
  })
  return { port: await port, events, child }
}

test('when descriptors run short the limit is lowered and said, and whoever is over it is told', async () => {
  const { port, events } = await frontWithFewFiles(300)
  expect(events).toContainEqual(
    expect.objectContaining({ event: 'connections.limited', open_files_limit: 300, possible: 44 }),
  )
  const clients: LineClient[] = []
  for (let i = 0; i < 50; i += 1) clients.push(await open(port))
  const greetings = await Promise.all(clients.map((client) => client.line()))
  expect(greetings.filter((line) => line === 'hello')).toHaveLength(44)
  expect(greetings.filter((line) => line?.startsWith('421 '))).toHaveLength(6)
})

test('a flood beyond the last descriptor ends nothing: those inside are served, and then others again', async () => {
  const { port, child } = await frontWithFewFiles(64)
  const inside = await open(port)
  expect(await inside.line()).toBe('hello')
  const flood = await Promise.all(Array.from({ length: 150 }, () => open(port).catch(() => undefined)))
  expect(await inside.ask('STILL HERE')).toBe('you said STILL HERE')
  for (const client of flood) client?.stream.destroy()
  let greeting: string | undefined
  while (greeting !== 'hello') greeting = await (await open(port)).line()
  expect(child.exitCode).toBeNull()
})
