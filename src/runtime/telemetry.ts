/**
 * onnxruntime counts what it is used for (sessions, names of graphs and producers) in a file of the user's, to be sent to its
 * maker, and leaves a log in the folder for temporary files. It asks for this variable when it is loaded, so this comes first.
 * Whoever wants to be counted sets it to 0.
 */
process.env.ORT_DISABLE_TELEMETRY ??= '1';
