/** What may be said of an ONNX file, for whoever offers it without computing anything. */
export { ONNX_LAYOUTS, ONNX_TIMES } from '../nets/onnx-names';
export { SCHEDULE_NAMES } from './onnx-schedule';
