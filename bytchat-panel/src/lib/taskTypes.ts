// Task types: `general` and `complex`, which the platform knows, and the owner's own.

export const GENERAL = 'general';
export const COMPLEX = 'complex';
export const MAX_DESCRIPTION = 200;

const TASK_TYPE = /^[a-z][a-z0-9_-]{0,31}$/;
const MAX_NAME = 32;

export function isTaskType(name: string): boolean {
  return TASK_TYPE.test(name);
}

/** Whether its description is the owner's, which the router reads. */
export function isOwnType(name: string): boolean {
  return name !== GENERAL && name !== COMPLEX;
}

/** The task type that somebody means: «Atención cliente» → `atencion-cliente`; empty where no letter is left. */
export function slugOf(words: string): string {
  return words
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, MAX_NAME)
    .replace(/-+$/, '');
}

export interface Typed {
  task_type: string;
  description: string;
}

export interface TaskGroup<T extends Typed> {
  taskType: string;
  description: string;
  configs: T[];
}

/** `general` first, then `complex`, then the others by name; inside each the order in which they are asked. */
export function groupByTaskType<T extends Typed>(configs: readonly T[]): TaskGroup<T>[] {
  const names = [...new Set(configs.map((config) => config.task_type))].sort(byRankAndName);
  return names.map((taskType) => ({
    taskType,
    description: descriptionOf(taskType, configs),
    configs: configs.filter((config) => config.task_type === taskType),
  }));
}

/** What the router reads of a task type: the first of its configs that says it. */
export function descriptionOf(taskType: string, configs: readonly Typed[]): string {
  return configs.find((config) => config.task_type === taskType && config.description)?.description ?? '';
}

function byRankAndName(one: string, other: string): number {
  return rank(one) - rank(other) || one.localeCompare(other);
}

function rank(name: string): number {
  return [GENERAL, COMPLEX].includes(name) ? [GENERAL, COMPLEX].indexOf(name) : 2;
}
