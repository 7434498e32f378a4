import { deal } from '../../src/catalog/objects/deal.ts'
import { describeObject } from './object-suite.ts'

describeObject({
  object: deal,
  samples: ({ stage, pipeline }) => ({
    currency: { sent: 'USD' },
    stage_id: { sent: stage },
    pipeline_id: { sent: pipeline },
    probability: { sent: 40 },
    label_ids: { sent: [] },
    is_archived: { sent: false },
    close_time: { sent: '2026-11-30T14:00:00Z', shown: '2026-11-30T14:00:00.000Z' },
    won_time: { sent: '2026-11-30T14:00:00Z', shown: '2026-11-30T14:00:00.000Z' },
    lost_time: { sent: '2026-11-30T14:00:00Z', shown: '2026-11-30T14:00:00.000Z' },
  }),
  beside: {
    lost_reason: { status: 'lost' },
    close_time: { status: 'won' },
    won_time: { status: 'won' },
    lost_time: { status: 'lost' },
  },
  effects: ['stage_id', 'pipeline_id', 'won_time', 'lost_time', 'close_time', 'local_won_date', 'local_lost_date', 'local_close_date'],
})
