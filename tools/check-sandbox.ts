/**
 * `npm run check:sandbox -- --openapi DIR`: calls every endpoint that the sandbox serves and holds requests and answers against Pipedrive's own
 * specification (pipedrive-v1.yaml and pipedrive-v2.yaml in DIR), less the specification's known errors.
 */
import { parseArgs } from 'node:util'
import { manualClock } from '../src/kit/clock.ts'
import { createSandbox } from '../sandbox/src/index.ts'
import { routes } from '../sandbox/src/routes.ts'
import { knownErrors } from './conformance/known-errors.ts'
import { type Refusal, refusals } from './conformance/refusals.ts'
import { readSpecification } from './conformance/specification.ts'
import type { Request as Step, Walker } from './conformance/walker.ts'
import { walks } from './conformance/walks.ts'

const { values } = parseArgs({ options: { openapi: { type: 'string' } } })
if (!values.openapi) throw new Error('check:sandbox takes --openapi DIR, the folder of pipedrive-v1.yaml and pipedrive-v2.yaml')

const specifications = {
  '/api/v2': await readSpecification(values.openapi, 'pipedrive-v2.yaml', '/api/v2'),
  '/v1': await readSpecification(values.openapi, 'pipedrive-v1.yaml', '/v1'),
}
const operationOf = (method: string, path: string) =>
  Object.entries(specifications)
    .find(([prefix]) => path.startsWith(`${prefix}/`))?.[1]
    .find(method, path)

// Nothing may leave this process.
const sandbox = createSandbox({ clock: manualClock(), deliver: () => Promise.resolve({ status: 200 }) })
const problems = new Set<string>()
const called = new Set<string>()
let requests = 0

/** Sends a request and reports what is wrong with it and with its answer, which must have `status` or, without one, be a success. */
async function send({
  method,
  path,
  params = {},
  query = {},
  body,
  status,
  key = sandbox.keys[0]!.key,
}: Partial<Refusal> & Pick<Refusal, 'method' | 'path'>) {
  const operation = operationOf(method, path)
  const report = (found: string[]) => found.forEach((problem) => problems.add(`${method} ${path}: ${problem}`))
  if (!operation) report(['is not in the specification'])
  if (operation) report([...operation.checkPath(params), ...operation.checkQuery(query), ...operation.checkBody(body)])
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(params[name])))
  const answer = await sandbox.fetch(
    new Request(`http://sandbox${filled}?${new URLSearchParams(query)}`, {
      method,
      headers: { 'x-api-token': key, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }),
  )
  requests++
  const text = await answer.text()
  if (status === undefined ? answer.status >= 300 : answer.status !== status)
    throw new Error(`${method} ${filled}: ${answer.status}, not ${status ?? 'a success'}: ${text.slice(0, 500)}`)
  const json = JSON.parse(text) as { data: unknown }
  report(operation?.checkAnswer(answer.status, json) ?? [])
  return json.data
}

const anonymous = (path: string): string => path.replace(/\{[^}]*\}|:\w+/g, '{}').replace(' /api/v1/', ' /v1/')
const ask = async <T>(method: string, path: string, step: Step = {}): Promise<T> => {
  called.add(anonymous(`${method} ${path}`))
  return (await send({ method, path, ...step })) as T
}
const walker: Walker = Object.assign(ask, { wait: (length: string) => sandbox.clock.advance(length) })
for (const walk of Object.values(walks)) await walk(walker)
for (const refusal of refusals) await send(refusal)

const served = new Set(routes.map(({ method, path }) => anonymous(`${method} ${path}`)))
const unasked = [...served].filter((route) => !called.has(route))
const unknown = [...problems].filter((problem) => !knownErrors.some((known) => known.problem.test(problem)))
const outdated = knownErrors.filter((known) => ![...problems].some((problem) => known.problem.test(problem)))
const specified = Object.values(specifications).flatMap(({ operations }) => operations.map(({ name }) => anonymous(name)))

for (const route of unasked) console.log(`not called: ${route}`)
for (const problem of unknown) console.log(`problem: ${problem}`)
for (const { problem } of outdated) console.log(`a known error that does not occur: ${String(problem)}`)
console.log(
  `${specified.filter((name) => called.has(name)).length} of ${specified.length} endpoints of the specification covered, ${requests} requests, ${problems.size - unknown.length} known errors of the specification, ${unknown.length} problems`,
)
if (unasked.length + unknown.length + outdated.length > 0) process.exitCode = 1
