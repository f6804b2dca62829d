import { type Authorization, axios, Client, crypto, type Order as GivenOrder } from 'acme-client'
import type {
  Account,
  ChallengeKind,
  Errand,
  ErrandOutcome,
  FailedName,
  Order,
  Problem,
  Task,
} from './errand.ts'

const problemPrefix = 'urn:ietf:params:acme:error:'
const requestMs = 30_000
const mostAnswerBytes = 1024 * 1024
/** How often, and how long, an order or a proof is asked after: three minutes in all. */
const asking = { backoffAttempts: 24, backoffMin: 500, backoffMax: 8_000 }

/** What the authority answered instead. */
class Refusal extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.text)
    this.problem = problem
  }
}

axios.defaults.timeout = requestMs
axios.defaults.maxContentLength = mostAnswerBytes
axios.defaults.headers.common['User-Agent'] = 'Homepost'
// The package's own tries: they keep everybody waiting, and end in an error of their own. Whoever asked tries again himself.
axios.interceptors.request.clear()
axios.interceptors.response.clear()
axios.interceptors.response.use((response) => {
  const problem = problemOf(response.data, response.headers['retry-after'])
  // RFC 8555 §6.5: the package tries again with the nonce it was given.
  if (response.status >= 400 && problem !== undefined && problem.type !== 'badNonce')
    throw new Refusal(problem)
  return response
})

/** Each errand stands for itself: what it needs to know it is told. */
export async function runErrand(errand: Errand): Promise<ErrandOutcome> {
  try {
    const client = await clientFor(errand.account)
    switch (errand.kind) {
      case 'order':
        return await order(client, errand)
      case 'prove':
        return await prove(client, errand.order)
      case 'finish':
        return await finish(client, errand)
    }
  } catch (cause) {
    return { kind: 'failed', problem: problemFrom(cause) }
  }
}

const clients = new Map<string, Client>()

async function clientFor({ directory, key, contact, binding }: Account): Promise<Client> {
  const known = clients.get(directory + key)
  if (known) return known
  const client = new Client({
    directoryUrl: directory,
    accountKey: key,
    ...asking,
    ...(binding && { externalAccountBinding: binding }),
  })
  await client.createAccount({ termsOfServiceAgreed: true, contact: [`mailto:${contact}`] })
  clients.set(directory + key, client)
  return client
}

async function order(
  client: Client,
  { names, replaces, challenge }: Errand & { kind: 'order' },
): Promise<ErrandOutcome> {
  const identifiers = names.map((value) => ({ type: 'dns', value }))
  const given = await create(client, { identifiers, ...(replaces === undefined ? {} : { replaces }) })
  const open = (await client.getAuthorizations(given)).filter(({ status }) => status !== 'valid')
  const tasks: Task[] = []
  for (const authorization of open) tasks.push(await taskOf(client, authorization, challenge))
  return {
    kind: 'ordered',
    order: { url: given.url, finalize: given.finalize, names, tasks },
  }
}

/** RFC 9773 §5: an authority that takes no `replaces` now takes the order without. */
async function create(
  client: Client,
  data: { identifiers: { type: string; value: string }[]; replaces?: string },
): Promise<GivenOrder> {
  try {
    return await client.createOrder(data)
  } catch (cause) {
    if (data.replaces === undefined || !(cause instanceof Refusal) || cause.problem.type === 'rateLimited')
      throw cause
    return await client.createOrder({ identifiers: data.identifiers })
  }
}

async function taskOf(client: Client, authorization: Authorization, kind: ChallengeKind): Promise<Task> {
  const name = authorization.identifier.value
  const challenge = authorization.challenges.find(({ type }) => (type as string) === kind)
  if (challenge === undefined) {
    const offered = authorization.challenges.map(({ type }) => type).join(', ')
    throw new Error(`the authority does not take ${kind} for ${name}, but ${offered}`)
  }
  const proof = await client.getChallengeKeyAuthorization(challenge)
  const made =
    kind === 'tls-alpn-01'
      ? await crypto.createAlpnCertificate(authorization, proof, await crypto.createPrivateEcdsaKey())
      : undefined
  return {
    name,
    authorization: authorization.url,
    challenge: challenge.url,
    kind,
    token: challenge.token,
    proof,
    certificate: made && { key: made[0].toString(), certificate: made[1].toString() },
  }
}

async function prove(client: Client, { tasks }: Order): Promise<ErrandOutcome> {
  const results = await Promise.all(tasks.map((task) => proveOne(client, task)))
  return { kind: 'proven', failed: results.flat() }
}

async function proveOne(client: Client, task: Task): Promise<FailedName[]> {
  // The package's types know two kinds of the three.
  const type = task.kind as 'http-01'
  const challenge = { type, url: task.challenge, token: task.token, status: 'pending' as const }
  try {
    await client.completeChallenge(challenge)
    await client.waitForValidStatus(challenge)
    return []
  } catch (cause) {
    return [{ name: task.name, problem: (await reasonOf(client, task)) ?? problemFrom(cause) }]
  }
}

/** RFC 8555 §8: a challenge that failed says why. */
async function reasonOf(client: Client, task: Task): Promise<Problem | undefined> {
  const order = {
    status: 'pending' as const,
    identifiers: [],
    finalize: '',
    url: '',
    authorizations: [task.authorization],
  }
  const [authorization] = await client.getAuthorizations(order).catch(() => [])
  const errors = authorization?.challenges.map(({ error }) => problemOf(error, undefined)) ?? []
  return errors.find((error) => error !== undefined)
}

async function finish(
  client: Client,
  { order: { url, finalize, names }, key }: Errand & { kind: 'finish' },
): Promise<ErrandOutcome> {
  const [, request] = await crypto.createCsr({ altNames: [...names] }, key)
  const given = { url, finalize, status: 'ready' as const, identifiers: [], authorizations: [] }
  await client.waitForValidStatus(given) // `ready`: the last proof counts a moment later
  const finalized = await client.finalizeOrder(given, request)
  return { kind: 'issued', chain: await client.getCertificate(await issuedOf(client, finalized)) }
}

/** `ready` is a good state to the package, and no certificate yet. */
async function issuedOf(client: Client, finalized: GivenOrder): Promise<GivenOrder> {
  let order = finalized
  for (let asked = 0; order.certificate === undefined && asked < asking.backoffAttempts; asked++) {
    if (order.status === 'invalid') throw new Error('the authority took the order back')
    await new Promise((resolve) => {
      setTimeout(resolve, Math.min(asking.backoffMin * 2 ** asked, asking.backoffMax))
    })
    order = await client.getOrder(order)
  }
  return order
}

function problemFrom(cause: unknown): Problem {
  if (cause instanceof Refusal) return cause.problem
  const { message, code } = cause as { message?: string; code?: string }
  const text = message || code || String(cause)
  return { type: '', text: text.slice(0, 500), retryAfterMs: undefined }
}

function problemOf(body: unknown, retryAfter: unknown): Problem | undefined {
  if (typeof body !== 'object' || body === null) return undefined
  const { type, detail, subproblems } = body as { type?: unknown; detail?: unknown; subproblems?: unknown }
  if (typeof type !== 'string' || !type.startsWith(problemPrefix)) return undefined
  const below = Array.isArray(subproblems)
    ? subproblems.flatMap((each) => problemOf(each, undefined) ?? [])
    : []
  const text = [typeof detail === 'string' ? detail : type, ...below.map((each) => each.text)].join('; ')
  return {
    type: type.slice(problemPrefix.length),
    text: text.slice(0, 500),
    retryAfterMs: waitOf(retryAfter),
  }
}

/** RFC 9110 §10.2.3: seconds or a date. */
function waitOf(header: unknown): number | undefined {
  if (typeof header !== 'string') return undefined
  const ms = /^\d{1,9}$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now()
  return ms > 0 ? ms : undefined
}
