import { leadLabel } from '../../src/catalog/objects/lead-label.ts'
import { describeObject } from './object-suite.ts'

describeObject({ object: leadLabel })
