// The form of a model of the toolbox: its fields, what is wrong with them, and the body that they make. Pure.

import type { ModelConfig, NewModelConfig, Provider } from '@/api/types';
import { descriptionOf, GENERAL, isOwnType, MAX_DESCRIPTION, slugOf } from '@/lib/taskTypes';
import * as z from '@/lib/zod';

/** What the task type's select holds while a new one is being named; no task type is called so. */
export const NEW_TYPE = '+';

const CONTROL_CHARACTER = /\p{Cc}/u;

// The messages are keys under `form.errors`.
export const configSchema = z
  .object({
    provider: z.enum(['google', 'openai', 'local']),
    modelId: z.string().check(
      z.trim(),
      z.minLength(1, 'modelMissing'),
      z.maxLength(200, 'modelInvalid'),
      z.refine((id) => !CONTROL_CHARACTER.test(id), 'modelInvalid'),
    ),
    taskType: z.string(),
    newType: z.string(),
    description: z.string().check(z.trim(), z.maxLength(MAX_DESCRIPTION, 'descriptionLong')),
  })
  .check(
    z.refine((form) => form.taskType !== NEW_TYPE || slugOf(form.newType) !== '', {
      path: ['newType'],
      error: 'typeMissing',
    }),
  );

export type ConfigForm = z.infer<typeof configSchema>;

/** What the form begins with; a new model with a vendor that can answer. */
export function startingForm(
  config: ModelConfig | null,
  configs: readonly ModelConfig[],
  providers: readonly Provider[] | undefined,
): ConfigForm {
  const vendor = providers?.find((provider) => provider.configured)?.provider;
  const first = vendor === undefined || vendor === 'local' ? 'google' : vendor;
  if (!config) return { provider: first, modelId: '', taskType: GENERAL, newType: '', description: '' };
  const { provider, model_id: modelId, task_type: taskType } = config;
  return { provider, modelId, taskType, newType: '', description: descriptionOf(taskType, configs) };
}

/** The task type that the form means. */
export function taskTypeOf({ taskType, newType }: Pick<ConfigForm, 'taskType' | 'newType'>): string {
  return taskType === NEW_TYPE ? slugOf(newType) : taskType;
}

/** Only the owner's task types have a description: the router knows what the others are for. */
export function bodyOf(form: ConfigForm): NewModelConfig {
  const task_type = taskTypeOf(form);
  const description = isOwnType(task_type) ? form.description : '';
  return { provider: form.provider, model_id: form.modelId, task_type, description };
}

/** Whether another config of the toolbox is the same model for the same task type. */
export function isTaken(
  body: NewModelConfig,
  configs: readonly ModelConfig[],
  exceptId: string | undefined,
): boolean {
  return configs.some(
    (config) =>
      config.id !== exceptId &&
      config.task_type === body.task_type &&
      config.provider === body.provider &&
      config.model_id === body.model_id,
  );
}
