import type { FaultRule } from '../fault-rules.ts'

const WRITES = ['POST', 'PUT', 'PATCH', 'DELETE'] as const satisfies FaultRule['method']

/** The faults of the buttons, grouped by the requests they apply to; their texts are in `texts/`. */
export const presetGroups = {
  next: {
    error: { kind: 'status', status: 500, times: 1 },
    unavailable: { kind: 'status', status: 503, body: 'empty', times: 1 },
    page: { kind: 'status', status: 502, body: 'html', times: 1 },
    limited: { kind: 'rate-limit', times: 1 },
    malformed: { kind: 'malformed', times: 1 },
    truncated: { kind: 'truncated', times: 1 },
    slow: { kind: 'latency', delay: '5s', times: 1 },
  },
  write: {
    cutBefore: { kind: 'reset', when: 'before', method: [...WRITES], times: 1 },
    cutAfter: { kind: 'reset', when: 'after', method: [...WRITES], times: 1 },
    late: { kind: 'late-commit', seconds: 30, method: [...WRITES], times: 1 },
  },
  some: {
    flaky: { kind: 'status', status: 500, probability: 0.2 },
    sluggish: { kind: 'latency', delay: '2s', probability: 0.2 },
  },
} as const satisfies Record<string, Record<string, FaultRule>>

/** A PresetGroup is a row of buttons. */
export type PresetGroup = keyof typeof presetGroups
/** A Preset is a fault that one button sets. */
export type Preset = { [G in PresetGroup]: keyof (typeof presetGroups)[G] }[PresetGroup]

export const presets = Object.assign({}, ...Object.values(presetGroups)) as Readonly<Record<Preset, FaultRule>>
