import { parentPort, workerData } from 'node:worker_threads'
import type { FromIndexer, IndexerSettings, ToIndexer } from '../../src/modules/store/text-index/protocol.ts'

/** A thread that indexes three messages: with the second it hangs, with the third it dies, unless it is told to skip them. */
const { progress: shared, skip, searchPath } = workerData as IndexerSettings
const progress = new Float64Array(shared)
const tell = (message: FromIndexer) => parentPort?.postMessage(message)

parentPort?.on('message', (request: ToIndexer) => {
  if (request.kind !== 'run') return
  if (searchPath === 'broken') throw new Error('the file cannot be written')
  for (const email of [1, 2, 3].filter((each) => !skip.includes(each))) {
    progress[0] = email
    progress[1] = email
    if (email === 2) for (;;);
    if (email === 3) throw new Error('no memory is left')
  }
  progress[0] = 0
  tell({ kind: 'indexed', messages: 3 - skip.length })
  tell({ kind: 'done' })
})
