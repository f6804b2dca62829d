import { parentPort, receiveMessageOnPort } from 'node:worker_threads'
import { failureReport, UnusableFile } from './failure.ts'
import { FileWriter } from './file-writer.ts'
import type { Answer, ControlKind, ProgramModule, Request } from './protocol.ts'

/**
 * The writer thread. It takes everything that waits at its port, runs it in one transaction per file, answers, and looks
 * again. There is no timer in that loop: a lonely call commits at once, and while a commit waits for the disk the next
 * group gathers by itself.
 */
type Call = Extract<Request, { kind: 'call' }>

/** Nothing more is taken into a group of so many. */
const largestGroup = 256
const idleCheckMs = 200

if (!parentPort) throw new Error('writer.worker.ts runs as a worker')
const port = parentPort
const files = new Map<string, FileWriter>()
/** Files whose transaction the main thread holds open. */
const held = new Set<string>()
let idleScheduled = false

port.on('message', (first: readonly Request[]) => {
  let requests = [...first, ...takeWaiting(largestGroup - first.length)]
  while (requests.length > 0) {
    serve(requests)
    requests = takeWaiting(largestGroup)
  }
  if (!idleScheduled) scheduleIdle()
})

function takeWaiting(atMost: number): Request[] {
  const taken: Request[] = []
  while (taken.length < atMost) {
    const next = receiveMessageOnPort(port)
    if (!next) break
    taken.push(...next.message)
  }
  return taken
}

function serve(requests: readonly Request[]): void {
  const waiting = new Map<string, Call[]>()
  const flush = (file: string) => {
    const calls = waiting.get(file)
    waiting.delete(file)
    if (calls) answer(...group(file, calls))
  }
  for (const request of requests) {
    if (request.kind === 'call' && !held.has(request.file)) {
      const calls = waiting.get(request.file)
      if (calls) calls.push(request)
      else waiting.set(request.file, [request])
    } else if (request.kind === 'call') {
      answer(writerOf(request.file).step(request))
    } else if (request.kind === 'open') {
      void open(request)
    } else {
      flush(request.file)
      answer(control(request))
    }
  }
  for (const file of [...waiting.keys()]) flush(file)
}

function group(file: string, calls: readonly Call[]): Answer[] {
  const writer = files.get(file)
  if (writer) return writer.group(calls)
  const failure = failureReport(new Error(`${file} is not open`))
  return calls.map(({ id }) => ({ id, kind: 'failed', failure }))
}

/** Opening loads the program, so it alone is asynchronous; nobody calls a file before it is open. */
async function open({ id, file }: Extract<Request, { kind: 'open' }>): Promise<void> {
  try {
    const program: ProgramModule = await import(file.program)
    files.set(file.path, new FileWriter(file, program))
    answer({ id, kind: 'done', value: undefined })
  } catch (error) {
    if (error instanceof UnusableFile) answer({ id, kind: 'unusable', message: error.message })
    else answer({ id, kind: 'failed', failure: failureReport(error) })
  }
}

function control({ id, kind, file }: { id: number; kind: ControlKind; file: string }): Answer {
  try {
    const writer = writerOf(file)
    switch (kind) {
      case 'begin':
        writer.begin()
        held.add(file)
        break
      case 'commit':
        held.delete(file)
        writer.commit()
        break
      case 'rollback':
        held.delete(file)
        writer.rollback()
        break
      case 'close':
        files.delete(file)
        writer.close()
        break
    }
    return { id, kind: 'done', value: undefined }
  } catch (error) {
    return { id, kind: 'failed', failure: failureReport(error) }
  }
}

function idle(): void {
  idleScheduled = false
  const now = performance.now()
  let unfinished = false
  for (const writer of files.values()) {
    const left = writer.idle(now)
    if (left === 'more') unfinished = true
    else if (left !== 'done') answer({ id: 0, kind: 'trouble', file: writer.name, failure: left })
  }
  if (unfinished) scheduleIdle()
}

function scheduleIdle(): void {
  idleScheduled = true
  setTimeout(idle, idleCheckMs)
}

function writerOf(path: string): FileWriter {
  const writer = files.get(path)
  if (!writer) throw new Error(`${path} is not open`)
  return writer
}

function answer(...answers: Answer[]): void {
  port.postMessage(answers)
}
