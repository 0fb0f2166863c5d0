import type { components } from './api';

type Schemas = components['schemas'];

/** Everything the panel shows of one workshop. */
export type Snapshot = Schemas['Snapshot'];
/** The workshops that the server offers. */
export type Catalogue = Schemas['Catalogue'];
/** One workshop of the catalogue. */
export type CatalogueEntry = Schemas['CatalogueEntry'];
/** One notebook and its steps. */
export type ModuleView = Schemas['ModuleView'];
/** One step and where it stands. */
export type StepView = Schemas['StepView'];
/** The state of a part, a step or a module. */
export type State = StepView['state'];
/** What installs the packages into a kernel that runs. */
export type PipOffer = Schemas['PipOffer'];
/** One part of getting ready. */
export type PreparationPart = Schemas['PreparationPart'];
/** Something that a step still waits for. */
export type Waiting = Schemas['Waiting'];
/** The version of the materials that is there, and the last update. */
export type MaterialsView = Schemas['MaterialsView'];
/** What the last update of the materials did. */
export type UpdateView = Schemas['UpdateView'];
/** How far a training is. */
export type TrainingView = Schemas['TrainingView'];
/** The last value of a metric that a training printed. */
export type MetricValue = Schemas['MetricValue'];
/** A piece of long work. */
export type JobStatus = Schemas['JobStatus'];
/** What a piece of long work does. */
export type JobKind = JobStatus['kind'];
/** What can be asked for as a piece of long work. */
export type RequestKind = Schemas['JobRequest']['kind'];
/** What some kinds of long work need to be told. */
export type JobDetails = Partial<
  Pick<
    Schemas['JobRequest'],
    | 'module'
    | 'step'
    | 'values'
    | 'profile'
    | 'source'
    | 'restore_deleted'
    | 'token'
  >
>;
/** Why something failed, for people. */
export type Failure = Schemas['Failure'];
/** One verdict about the machine. */
export type PreflightCheck = Schemas['PreflightCheck'];
/** How busy the machine is while a training runs. */
export type Usage = Schemas['Usage'];
/** All patches of a workshop and what they would change. */
export type Patches = Schemas['Patches'];
/** What the environment's last resolution found to be installed, if there was one. */
export type PlanAnswer = Schemas['PlanAnswer'];
/** What is installed for a workshop, and what is taken from the base. */
export type InstallPlan = Schemas['InstallPlan'];
/** One patch and whether it is applied. */
export type PatchPreview = Schemas['PatchPreview'];
/** What pending patches would change in one notebook. */
export type NotebookDiff = Schemas['NotebookDiff'];
/** A cell of the notebook file as it lies on disk. */
export type CellRef = Schemas['CellRef'];

/** The values of one metric of a training over time. */
export type Curve = Schemas['Curve'];
/** One thing that a step's check looked at. */
export type Found = Schemas['Found'];
/** Something that a button can do about a failed step. */
export type Remedy = Schemas['Remedy'];
/** A value in the notebook that the attendee may choose. */
export type ParameterView = Schemas['ParameterView'];
/** A plain value of a parameter. */
export type ParameterValue = Schemas['ChoiceView']['value'];
/** An exercise in a cell. */
export type ExerciseView = Schemas['ExerciseView'];
/** A set of values and patches that is chosen as a whole. */
export type ProfileView = Schemas['ProfileView'];
/** What a workshop would do that is not trusted yet. */
export type TrustView = Schemas['TrustView'];
/** What an administrator can switch off. */
export type Feature = Snapshot['disabled'][number];
/** Asks what an edit would change in an open notebook. */
export type EditRequest = Schemas['EditRequest'];
/** A piece of a cell's source to replace. */
export type CellEdit = Schemas['CellEdit'];
/** What an edit would change. */
export type Edits = Schemas['Edits'];
/** What the cells of a module's notebook have printed and shown. */
export type ModuleOutputs = Schemas['ModuleOutputs'];
/** The last run of one cell, as the kernel told it to the server. */
export type RecordedCell = Schemas['RecordedCell'];

/** What the server pushes when a snapshot has changed. */
export interface IPush {
  /** The workshop whose snapshot changed. */
  readonly workshop: string;
  /** The number of the new snapshot. */
  readonly number: number;
  /** The server process that counts. */
  readonly server: string;
}
