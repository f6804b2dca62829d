import { BadSyntax } from '../../../lib/bad-syntax.ts'
import type { MessageBytes } from '../../../ports/message.ts'
import type { SpamJudge } from '../../../ports/spam-judge.ts'
import type { Directory } from '../judge.ts'
import { keep } from './keep.ts'
import {
  type JudgeQuestion,
  type LearnQuestion,
  lengthField,
  Octets,
  paths,
  readJudgeQuestion,
  readLearnQuestion,
} from './question.ts'

interface ServiceParts {
  /** The judge, with the directory of whoever asks. */
  readonly judgeWith: (directory: Directory) => SpamJudge
  readonly bytes: MessageBytes
  /** Of a message; 0 is unlimited. */
  readonly mostOctets: number
}

/** The judge for other processes. Undefined where the path is not one of ours. */
export async function answerJudge(request: Request, parts: ServiceParts): Promise<Response | undefined> {
  const { pathname } = new URL(request.url)
  const isLesson = pathname === paths.learn
  if (!isLesson && pathname !== paths.judge) return undefined
  if (request.method !== 'POST' || !request.body) return new Response('Ask by POST.\n', { status: 405 })
  try {
    const body = new Octets(request.body)
    const length = request.headers.get(lengthField)
    const answer = isLesson
      ? await learn(await readLearnQuestion(length, body), body, parts)
      : await judge(await readJudgeQuestion(length, body), body, parts)
    return 'kind' in answer && answer.kind === 'later'
      ? new Response(`${answer.text}\n`, { status: 503 })
      : Response.json(answer)
  } catch (cause) {
    if (cause instanceof BadSyntax) return new Response(`${cause.message}\n`, { status: 400 })
    throw cause
  }
}

async function judge({ arrival, report, ...directory }: JudgeQuestion, body: Octets, parts: ServiceParts) {
  const kept = await keep(body.rest(), parts)
  if (kept.kind === 'later') return kept
  try {
    return await parts.judgeWith(told(directory)).judge({ ...arrival, message: kept.ref }, report)
  } finally {
    await parts.bytes.release(kept.ref)
  }
}

function told({ destinations, ours, said }: Omit<JudgeQuestion, 'arrival' | 'report'>): Directory {
  const known = new Map(destinations)
  return {
    addresses: { resolve: async (address) => known.get(address) ?? { kind: 'foreign' } },
    domains: { list: async () => ours },
    listed: { said: async () => said },
  }
}

/** One after the other, so that no more than one of them is in memory. */
async function learn({ lessons }: LearnQuestion, body: Octets, parts: ServiceParts) {
  const judge = parts.judgeWith(told({ destinations: [], ours: [], said: [] }))
  for (const { octets, ...lesson } of lessons) {
    const message = await body.take(octets)
    const answer = await judge.learn([{ ...lesson, message }])
    if (answer.kind === 'later') return answer
  }
  return { kind: 'learned' as const }
}
