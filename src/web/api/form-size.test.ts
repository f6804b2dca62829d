import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Browser, startWeb, type TestWeb } from '../../../test/support/web.ts'

let web: TestWeb
let browser: Browser

beforeAll(async () => {
  web = await startWeb({ apiPath: '/api' })
  browser = web.browser()
})
afterAll(() => web.end())

test('the page that tries the API reads no more than a form can have, whoever sends it', async () => {
  let sent = 0
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += 65_536
      controller.enqueue(new Uint8Array(65_536).fill(97))
      if (sent >= 64 * 1024 * 1024) controller.close()
    },
  })
  const answer = await browser.ask('/api/v1/', {
    method: 'POST',
    body,
    duplex: 'half',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', 'Sec-Fetch-Site': 'same-origin' },
  } as RequestInit & { headers: Record<string, string> })
  expect(sent).toBeLessThan(3 * 1024 * 1024)
  expect(answer.status).toBeGreaterThanOrEqual(400)
})
