/** `node dns-load.ts PORT SECONDS NAMES`: asks 127.0.0.1 for h0.plain.test, h1 … with 50 questions under way, prints how many were answered. */
import { createSocket } from 'node:dgram'
import { nameToWire } from '../../src/modules/resolver/wire/name.ts'

const [port = 0, seconds = 1, names = 1] = process.argv.slice(2).map(Number)
const underWay = 50

const questions = Array.from({ length: names }, (_, at) =>
  Buffer.concat([
    Buffer.from([0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
    nameToWire(`h${at}.plain.test`),
    Buffer.from([0, 1, 0, 1]),
  ]),
)
const socket = createSocket('udp4')
let sent = 0
let answered = 0
const end = Date.now() + seconds * 1000

function ask(): void {
  const question = Buffer.from(questions[sent % names] ?? '')
  question.writeUInt16BE(sent++ & 0xffff)
  socket.send(question)
}

socket.on('message', () => {
  answered++
  if (Date.now() < end) ask()
})
socket.connect(port, '127.0.0.1', () => {
  for (let at = 0; at < underWay; at++) ask()
})
setTimeout(
  () => {
    socket.close()
    process.stdout.write(`${answered}\n`)
  },
  seconds * 1000 + 200,
)
