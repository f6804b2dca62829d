import { expect, test } from 'vitest'
import { createFakeLog } from '../../../../test/support/fakes/runtime.ts'
import { Indexer } from './indexer.ts'

function start(searchPath: string) {
  const heard: string[] = []
  const log = createFakeLog()
  const indexer = new Indexer({
    settings: { mailPath: '', blobsFolder: '', searchPath, make: { documents: true } },
    thread: new URL('../../../../test/support/odd-indexer.worker.ts', import.meta.url),
    longestMs: 400,
    log,
    now: () => 0,
    onWaiting: () => undefined,
    onIndexed: (messages) => heard.push(`indexed ${messages}`),
    onDone: () => heard.push('done'),
    onUseless: (why) => heard.push(`useless: ${String(why)}`),
  })
  return { indexer, heard, log }
}

test('a message that hangs the thread, and one that ends it, are left out, and the others are indexed', async () => {
  const { indexer, heard, log } = start('')
  await indexer.run()
  expect(heard).toEqual(['indexed 1', 'done'])
  const failed = log.events.filter(({ event }) => event === 'search.thread-failed')
  expect(failed.map(({ fields }) => fields['email'])).toEqual([2, 3])
  expect(await indexer.documents(1, 2)).toEqual([])
  await indexer.stop()
})

test('a file that cannot be written is given up', async () => {
  const { indexer, heard } = start('broken')
  await indexer.run()
  expect(heard).toEqual(['useless: Error: the file cannot be written'])
  expect(indexer.isWorking).toBe(false)
  await indexer.stop()
})
