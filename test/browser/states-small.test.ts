import { testStates } from './states-kinds.ts';

testStates('small');
