import type { ModuleView, ParameterValue, ParameterView } from './snapshot';

/** Values of parameters by their id. */
export type ParameterValues = Readonly<Record<string, ParameterValue>>;

/** One line of a parameter's list. */
export interface IOption {
  /** The value; `null` for one that stands in the notebook and is no plain value. */
  readonly value: ParameterValue | null;
  /** What it costs; empty where nobody said. */
  readonly effect: string;
  /** Whether the notebook has it now. */
  readonly current: boolean;
  /** Whether the workshop offers it. */
  readonly offered: boolean;
}

/**
 * What a parameter's list shows: the choices and, before them, a value of the attendee's
 * own that is none of them.
 */
export function options(parameter: ParameterView): readonly IOption[] {
  const { value, choices } = parameter;
  const offered = choices.map(choice => ({
    ...choice,
    current: choice.value === value,
    offered: true
  }));
  return offered.some(option => option.current)
    ? offered
    : [{ value, effect: '', current: true, offered: false }, ...offered];
}

/** A value as the notebook writes it. */
export function written(value: ParameterValue): string {
  if (typeof value === 'boolean') {
    return value ? 'True' : 'False';
  }
  return String(value);
}

/** Whether the notebook has another value than it was made with. */
export function isChanged(parameter: ParameterView): boolean {
  const { value, original } = parameter;
  return value !== null && original !== null && value !== original;
}

/** The parameters of a module with these ids, in the order of the ids. */
export function parametersOf(
  module: ModuleView,
  ids: readonly string[]
): readonly ParameterView[] {
  const all = module.steps.flatMap(step => step.parameters);
  return ids.flatMap(id => all.find(each => each.id === id) ?? []);
}

/** Whether a module's notebook has all these values already. */
export function hasValues(
  module: ModuleView,
  values: ParameterValues
): boolean {
  const ids = Object.keys(values);
  const parameters = parametersOf(module, ids);
  return (
    ids.length > 0 &&
    parameters.length === ids.length &&
    parameters.every(({ id, value }) => value === values[id])
  );
}
