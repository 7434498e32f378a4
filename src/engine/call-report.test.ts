import { expect, test } from 'vitest'
import { withReport, type ReportDraft } from './call-report.ts'

const entry = { method: 'GET', path: '/api/v2/deals/{id}', status: 404, tokens: 1 }

test('an error has the report of its call', async () => {
  const error = new TypeError('no such deal')
  const { result, report } = await withReport(async (draft) => {
    draft.account = 'c0ffee'
    draft.ledger.add(entry)
    draft.warnings = ['stage 7 is archived']
    throw error
  })
  expect(result).toEqual({ ok: false, error })
  expect(report).toEqual({
    account: 'c0ffee',
    upstreamCalls: 1,
    tokens: 1,
    warnings: ['stage 7 is archived'],
    incomplete: [],
    replayed: false,
  })
})

test('work after the caller stopped waiting does not change the report', async () => {
  let late!: ReportDraft
  const { result, report } = await withReport(async (draft) => {
    late = draft
    draft.incomplete = new Set(['user', 'person'])
    return 'answer'
  })
  late.ledger.add(entry)
  late.replayed = true
  expect(result).toEqual({ ok: true, value: 'answer' })
  expect(report).toMatchObject({ upstreamCalls: 0, tokens: 0, incomplete: ['person', 'user'], replayed: false })
})
