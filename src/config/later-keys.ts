const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/u));

const orPrefixed = (prefix: string, names: ReadonlySet<string>) => ({
  has: (key: string): boolean => key.startsWith(prefix) || names.has(key),
});

/**
 * Settings that versions of MassGen after 0.0.7 have and this one does not, by where they stand. They are named and ignored, and never taken
 * for slips of the pen: `orchestration` is two letters from `orchestrator`.
 */
export const laterKeys = {
  top: words(`
    memory filesystem_memory hooks nlip nlip_config enable_nlip tools orchestration session_storage
  `),
  agent: words(`
    type subtask subagent_agents persistent_memory hooks voting_sensitivity voting_threshold main_agent framework
    framework_config append_system_prompt system_prompt cwd
  `),
  /** Of the command line that later versions run for an agent there are many settings, and more of them each month. */
  backend: orPrefixed(
    "command_line_",
    words(`
    agent_id session_id filesystem_session_id session_storage_base instance_id agent_config agent_temporary_workspace
    agent_temporary_workspace_parent context_paths context_write_access_enabled enforce_read_before_delete
    enable_image_generation enable_audio_generation enable_file_generation enable_video_generation upload_files
    enable_mcp_command_line exclude_file_operation_mcps use_mcpwrapped_for_tool_filtering use_no_roots_wrapper
    enable_code_based_tools custom_tools custom_tools_path auto_discover_custom_tools exclude_custom_tools
    direct_mcp_servers shared_tools_directory enable_nlip nlip nlip_config enable_rate_limit
    concurrent_tool_execution max_concurrent_tools vote_only plan_depth plan_thoroughness plan_target_steps
    plan_target_chunks use_two_tier_workspace write_mode drift_conflict_policy subagent_types
    round_evaluator_before_checklist orchestrator_managed_round_evaluator round_evaluator_skip_synthesis
    round_evaluator_refine round_evaluator_transformation_pressure enable_quality_rethink_on_iteration
    enable_novelty_on_iteration enable_execution_trace_analyzer novelty_injection improvements learning_capture_mode
    criteria_mode bootstrap_max_per_agent_per_round bootstrap_max_total disable_final_only_round_capture_fallback
    enable_multimodal_tools multimodal multimodal_config image_generation_backend image_generation_model
    video_generation_backend video_generation_model audio_generation_backend audio_generation_model hooks
    debug_delay_seconds debug_delay_after_n_tools voting_sensitivity voting_threshold checklist_require_gap_report
    gap_report_mode coordination_mode presenter_agent final_answer_strategy subtask fairness_enabled
    fairness_lead_cap_answers max_midstream_injections_per_round websocket_mode defer_peer_updates_until_restart
    allow_midstream_peer_updates_before_checklist_submit max_checklist_calls_per_round checklist_first_answer
    main_agent checkpoint_enabled checkpoint_mode checkpoint_guidance checkpoint_gated_patterns
    standalone_checkpoint_enabled standalone_checkpoint_team_config standalone_checkpoint_mode
    standalone_checkpoint_single standalone_checkpoint_include_workspace_context enable_programmatic_flow
    enable_tool_search enable_strict_tool_use use_multi_mcp mcp_sdk_auto planning_mode protected_paths
  `),
  ),
  orchestrator: words(`
    type docker dspy snapshot_storage session_storage agent_temporary_workspace context_paths coordination
    voting_sensitivity voting_threshold answer_novelty_requirement max_new_answers_global max_orchestration_restarts
    max_turns skip_coordination_rounds skip_voting skip_final_presentation disable_injection debug_final_answer
    defer_voting_until_all_answered fairness_enabled fairness_lead_cap_answers max_midstream_injections_per_round
    defer_peer_updates_until_restart allow_midstream_peer_updates_before_checklist_submit coordination_mode
    presenter_agent checklist_require_gap_report gap_report_mode max_checklist_calls_per_round
    checklist_first_answer enable_multimodal_tools multimodal_config image_generation_backend
    video_generation_backend audio_generation_backend interactive_mode skills_directory enable_nlip nlip nlip_config
    enable_rate_limit
  `),
  mcpServer: words(`
    description security trust tool_prefix timeout timeout_seconds tool_timeout max_retries retry_attempts circuit_breaker
    auth oauth icon autoApprove alwaysAllow env_file envFile
  `),
  ui: words(`automation_mode interactive_mode coordination_ui`),
} as const;

/** Displays of later versions; what is shown here is the nearest that there is. */
export const laterDisplays = ["textual_terminal", "web", "silent", "none"] as const;
