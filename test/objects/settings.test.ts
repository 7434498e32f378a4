import { pipeline } from '../../src/catalog/objects/pipeline.ts'
import { stage } from '../../src/catalog/objects/stage.ts'
import { user } from '../../src/catalog/objects/user.ts'
import { describeObject } from './object-suite.ts'

describeObject({ object: pipeline })
describeObject({
  object: stage,
  samples: ({ pipeline: id }) => ({ pipeline_id: { sent: id }, deal_probability: { sent: 40 } }),
  beside: { days_to_rotten: { is_deal_rot_enabled: true } },
  effects: ['is_deal_rot_enabled', 'days_to_rotten'],
})
describeObject({ object: user })
